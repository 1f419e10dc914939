'use strict';

window.addEventListener('load', () => {
  SwaggerUIBundle({
    dom_id: '#documents',
    urls: [
      { url: '/openapi/selextract.json', name: 'Selextract' },
      { url: '/openapi/mapscraper.json', name: 'MapScraper' },
    ],
    presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
    layout: 'StandaloneLayout',
    deepLinking: true,
    docExpansion: 'list',
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    // The default asks a public service for a badge.
    validatorUrl: null,
  });
});
