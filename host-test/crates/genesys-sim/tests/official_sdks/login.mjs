// Logs in with the official JavaScript SDK, and writes the name of the organization.
//
// node login.mjs PORT CLIENT-ID, with the secret in the environment.

import sdk from "purecloud-platform-client-v2";

const [port, id] = process.argv.slice(2);
const client = sdk.ApiClient.instance;
client.setGateway({ host: "127.0.0.1", protocol: "http", port: Number(port) });
await client.loginClientCredentialsGrant(id, process.env.CLIENT_SECRET);
const organization = await new sdk.OrganizationApi().getOrganizationsMe();
console.log(organization.name);
process.exit(0);
