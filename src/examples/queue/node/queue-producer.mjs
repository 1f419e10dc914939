// Sends a task as JSON and one as CSV over AMQP 1.0, waits for both answers, and then for the ends of the tasks.
// It needs an sk_ or msk_ key in API_KEY; BROKER_HOST, BROKER_PORT, BROKER_USER, BROKER_PASSWORD and PAGE_URL are optional.
import { randomUUID } from 'node:crypto';
import rhea from 'rhea';

const page = process.env.PAGE_URL ?? 'https://example.com/';
const patience = setTimeout(() => fail('Not all came within two minutes.'), 120_000);

const connection = rhea.connect({
  host: process.env.BROKER_HOST ?? '127.0.0.1',
  port: Number(process.env.BROKER_PORT ?? 61616),
  username: process.env.BROKER_USER ?? 'producer',
  password: process.env.BROKER_PASSWORD,
  reconnect: false,
});

// A queue that the broker makes for this connection, and names.
const answers = connection.open_receiver({ source: { dynamic: true } });
// From now on, so that no end is missed: tasks can end before their answers are read.
const ends = connection.open_receiver({
  source: { address: 'bactrian.tasks.events', filter: rhea.filter.selector("type LIKE 'task.%'") },
});
const inbox = connection.open_sender('bactrian.tasks.inbox');

const asked = new Set();
const running = new Set();
const ended = new Map();

let opened = 0;
for (const link of [answers, ends, inbox]) {
  link.once(link === inbox ? 'sender_open' : 'receiver_open', () => {
    opened += 1;
    if (opened === 3) {
      const task = {
        name: 'From AMQP',
        task_type: 'simple_scraping',
        config: { urls: [page], selectors: { title: 'h1' } },
      };
      send(JSON.stringify(task), {});
      send(`url\r\n${page}\r\n${page}?page=2\r\n`, {
        content_type: 'text/csv',
        task_name: 'From CSV',
        selectors: '{"title": "h1"}',
      });
    }
  });
}

function send(body, properties) {
  const id = randomUUID();
  asked.add(id);
  inbox.send({
    durable: true,
    message_id: id,
    correlation_id: id,
    reply_to: answers.source.address,
    // The same id again makes no second task: keep it with your order, and send again what was not answered.
    application_properties: { api_key: process.env.API_KEY ?? '', _AMQ_DUPL_ID: id, ...properties },
    body,
  });
}

inbox.on('rejected', ({ delivery }) => fail(`The broker refuses: ${delivery.remote_state?.error?.description}`));

answers.on('message', ({ message }) => {
  if (!asked.delete(message.correlation_id)) {
    return;
  }
  if (message.application_properties.status !== 201) {
    fail(`Refused with ${message.application_properties.status}: ${message.body}`);
  }
  const { id } = JSON.parse(message.body);
  console.log(`accepted ${id}`);
  running.add(id);
  tell();
});

ends.on('message', ({ message }) => {
  ended.set(message.application_properties.task_id, message);
  tell();
});

function tell() {
  for (const id of running) {
    const event = ended.get(id);
    if (event) {
      console.log(`ended ${id} ${event.application_properties.status} ${event.body}`);
      running.delete(id);
    }
  }
  if (asked.size === 0 && running.size === 0) {
    clearTimeout(patience);
    connection.close();
  }
}

connection.on('disconnected', ({ error }) => error && fail(error.message));
connection.on('connection_error', ({ connection: failed }) => fail(failed.error?.description));

function fail(reason) {
  console.error(reason);
  process.exit(1);
}
