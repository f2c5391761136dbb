"""Logs in with the official Python SDK, and writes the name of the organization.

python login.py PORT CLIENT-ID, with the secret in the environment.
"""

import os
import sys

import PureCloudPlatformClientV2 as sdk

port, client_id = sys.argv[1:]
client = sdk.api_client.ApiClient()
client.set_gateway("127.0.0.1", "http", int(port), "", "")
client.get_client_credentials_token(client_id, os.environ["CLIENT_SECRET"])
print(sdk.OrganizationApi(client).get_organizations_me().name)
