import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { registerBodyParsers } from './request/body-parser.js';
import { ScimGate } from './request/gate.js';

/**
 * Prepares an application that has the ScimModule: body parsers, and the hooks around every SCIM request. To be called
 * once, between `NestFactory.create` and `listen` (or `init`).
 */
export function configureScim(app: NestFastifyApplication): void {
  const gate = app.get(ScimGate, { strict: false });
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', (request, reply, done) => gate.onRequest(request, reply, done));
  fastify.addHook('onSend', (request, reply, payload, done) =>
    done(null, gate.onSend(request, reply, payload)),
  );
  fastify.addHook('onResponse', (request, reply, done) => {
    gate.onResponse(request, reply);
    done();
  });
  registerBodyParsers(app);
}
