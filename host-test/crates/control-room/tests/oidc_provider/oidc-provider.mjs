// npm `oidc-provider`, a certified server, as the peer of the tests. Usage: node oidc-provider.mjs KEY CERTIFICATE
// CLIENTS; the last is JSON. Prints its port, and exits when its standard input is closed.

import { webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

// Polyfills for Node.js 18, the version of Debian 12.
globalThis.crypto ??= webcrypto;
URL.parse ??= (input, base) => (URL.canParse(input, base) ? new URL(input, base) : null);
const { Provider } = await import('oidc-provider');

const [key, cert, clients] = process.argv.slice(2);

const provider = new Provider('https://id.example.com', {
  clients: JSON.parse(clients),
  cookies: { keys: ['of the tests'] },
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    revocation: { enabled: true },
  },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  issueRefreshToken: (_, client) => client.grantTypeAllowed('refresh_token'),
  // Every grant is approved.
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({
      accountId: ctx.oidc.session.accountId,
      clientId: ctx.oidc.client.clientId,
    });
    grant.addOIDCScope('openid read');
    await grant.save();
    return grant;
  },
  pkce: { required: () => true },
  rotateRefreshToken: () => true,
  scopes: ['openid', 'offline_access', 'read', 'write'],
});

// Ann signs in at once, except if the page is requested with login_hint=nobody.
provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/interaction/')) {
    return next();
  }
  const { params } = await provider.interactionDetails(ctx.req, ctx.res);
  const result = params.login_hint === 'nobody'
    ? { error: 'access_denied', error_description: 'Ann said no' }
    : { login: { accountId: 'ann' }, consent: {} };
  ctx.status = 303;
  ctx.set('Location', await provider.interactionResult(ctx.req, ctx.res, result));
  return undefined;
});

const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, provider.callback());
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.on('end', () => process.exit()).resume();
