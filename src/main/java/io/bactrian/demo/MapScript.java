package io.bactrian.demo;

/** The script of the sample map's pages. */
final class MapScript {
    /** Shows a list of places, and more of it as its reader scrolls. */
    static final String FEED = """
            'use strict';
            (() => {
              const setup = window.SAMPLE_MAP;
              const feed = document.querySelector('div[role="feed"]');
              let shown = 0;
              let loading = false;
              let ended = false;

              const parse = text => JSON.parse(text.slice(text.indexOf('\\n') + 1))[0][1].slice(1);
              const element = (name, classes, text) => {
                const made = document.createElement(name);
                made.className = classes;
                if (text) made.textContent = text;
                return made;
              };

              const address = place => location.origin
                + '/maps/place/' + encodeURIComponent(place[11]).replace(/%20/g, '+')
                + '/data=!4m7!3m6!1s' + place[10]
                + '!8m2!3d' + place[9][2] + '!4d' + place[9][3]
                + '!16s' + encodeURIComponent(place[89]) + '!19s' + place[78]
                + '?authuser=0&hl=' + setup.language + '&rclk=1';

              const item = place => {
                const box = element('div', 'Nv2PK tH5CWc THOPZb');
                const link = element('a', 'hfpxzc');
                link.href = address(place);
                link.setAttribute('aria-label', place[11]);
                const words = element('div', 'bfdHYd');
                words.append(element('div', 'qBF1Pd fontHeadlineSmall', place[11]));
                const rating = place[4];
                if (rating && rating[7]) {
                  const stars = element('span', 'ZkP5Je');
                  stars.setAttribute('role', 'img');
                  stars.setAttribute('aria-label', rating[7].toLocaleString(setup.language) + ' / 5');
                  const format = { minimumFractionDigits: 1 };
                  stars.append(element('span', 'MW4etd', rating[7].toLocaleString(setup.language, format)));
                  stars.append(element('span', 'UY7F9', '(' + rating[8].toLocaleString(setup.language) + ')'));
                  words.append(stars);
                }
                const facts = [(place[13] || [])[0], place[39], place[34] && place[34][4] && place[34][4][4]];
                words.append(element('div', 'W4Efsd', facts.filter(fact => fact).join(' · ')));
                box.append(link, words);
                return box;
              };

              const end = () => {
                if (!ended) {
                  ended = true;
                  feed.append(element('div', 'PbZDve'));
                  feed.lastChild.append(element('span', 'HlvSq', setup.end));
                }
              };

              const add = items => {
                items.forEach(entry => {
                  const row = element('div', '');
                  row.append(item(entry[14]));
                  feed.append(row);
                });
                shown += items.length;
                if (items.length < 20) end();
              };

              const more = async () => {
                if (loading || ended) return;
                loading = true;
                try {
                  const answer = await fetch('/search?tbm=map&authuser=0&hl=' + setup.language
                    + '&q=' + encodeURIComponent(setup.terms)
                    + '&pb=!4m9!1m3!1d3281.4!2d' + setup.longitude + '!3d' + setup.latitude + '!4f' + setup.zoom
                    + '!7i20!8i' + shown);
                  if (answer.ok) add(parse(await answer.text()));
                } finally {
                  loading = false;
                }
              };

              feed.addEventListener('scroll', () => {
                if (feed.scrollTop + feed.clientHeight > feed.scrollHeight - 400) more();
              });
              add(parse(window.APP_INITIALIZATION_STATE[3][2]));
              if (setup.address) setTimeout(() => history.replaceState(null, '', setup.address), 50);
            })();
            """;

    private MapScript() {}
}
