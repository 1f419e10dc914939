// Receives webhooks and believes those that are genuine; Node.js 16 or later, nothing else.
//
//     WEBHOOK_SECRET=whsec_... node webhook-receiver.js 8090
//
// The path /simple looks at X-Webhook-Signature alone, every other one at the headers of Standard Webhooks.
'use strict';

const crypto = require('node:crypto');
const http = require('node:http');

const LARGEST_BODY = 1 << 20;
const TOLERANCE_SECONDS = 300;

/** Whether the body (a Buffer) comes from who has the secret, and was signed within the last five minutes. */
function isGenuine(body, headers, secret, nowSeconds) {
  const id = headers['webhook-id'];
  const timestamp = headers['webhook-timestamp'];
  const signatures = headers['webhook-signature'];
  if (!id || !timestamp || !signatures || !/^[0-9]{1,12}$/.test(timestamp)) {
    return false;
  }
  if (Math.abs(nowSeconds - Number(timestamp)) > TOLERANCE_SECONDS) {
    return false;
  }
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const expected = 'v1,' + crypto.createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
  // While a secret is rotated there are two signatures, one by each secret.
  return signatures.split(' ').some((signature) => isEqual(expected, signature));
}

/** The same by X-Webhook-Signature, which does not tell an old request that somebody sends again. */
function isGenuineBySimpleSignature(body, headers, secret) {
  const expected = 'sha256=' + crypto.createHash('sha256').update(body).update(secret).digest('hex');
  return isEqual(expected, headers['x-webhook-signature'] || '');
}

/** Takes the same time wherever they differ, so that nobody can guess a signature byte by byte. */
function isEqual(expected, given) {
  const one = Buffer.from(expected);
  const other = Buffer.from(given);
  return one.length === other.length && crypto.timingSafeEqual(one, other);
}

/** The ids of the last 10,000 events, for an event can come more than once. */
const seen = new Set();

function isFirst(id) {
  const first = !seen.has(id);
  seen.add(id);
  if (seen.size > 10_000) {
    seen.delete(seen.values().next().value);
  }
  return first;
}

async function receive(request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > LARGEST_BODY) {
      return 413;
    }
    chunks.push(chunk);
  }
  // The bytes as they came: JSON that was parsed and written again has another signature.
  const body = Buffer.concat(chunks);
  const secret = process.env.WEBHOOK_SECRET;
  const genuine = request.url === '/simple'
    ? isGenuineBySimpleSignature(body, request.headers, secret)
    : isGenuine(body, request.headers, secret, Date.now() / 1000);
  if (!genuine) {
    return 400;
  }
  const id = request.headers['webhook-id'];
  // Answer soon: put the event into a queue of your own here, and work on it afterwards.
  console.log(`${isFirst(id) ? '' : 'again '}${id} ${body}`);
  return 204;
}

if (require.main === module) {
  const server = http.createServer((request, response) => {
    receive(request)
      .catch(() => 400)
      .then((status) => {
        response.statusCode = status;
        response.end();
      });
  });
  server.listen(Number(process.argv[2] ?? 8090), '127.0.0.1', () => {
    console.log(`Listening on http://127.0.0.1:${server.address().port}/`);
  });
}

module.exports = { isGenuine, isGenuineBySimpleSignature };
