/** An application or API as sign-in records name it. */
export interface Application {
  readonly appId: string;
  readonly name: string;
}

export const resourceManager: Application = {
  appId: '797f4846-ba00-4fd7-ba43-dac1f8f63013',
  name: 'Azure Resource Manager',
};

export const microsoftGraph: Application = { appId: '00000003-0000-0000-c000-000000000000', name: 'Microsoft Graph' };

export const portal: Application = { appId: 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c', name: 'Azure Portal' };

export const commandLine: Application = {
  appId: '04b07795-8ddb-461a-bbee-02f9e1bf7b46',
  name: 'Microsoft Azure CLI',
};

/** What people sign in to, most frequent first. */
export const interactiveApplications: readonly Application[] = [
  { appId: '4765445b-32c6-49b0-83e6-1d93765276ca', name: 'OfficeHome' },
  { appId: '00000002-0000-0ff1-ce00-000000000000', name: 'Office 365 Exchange Online' },
  portal,
  { appId: '1fec8e78-bce4-4aaf-ab1b-5451cc387264', name: 'Microsoft Teams' },
  commandLine,
  { appId: '00000003-0000-0ff1-ce00-000000000000', name: 'Office 365 SharePoint Online' },
];

/** What applications ask tokens for. */
export const serviceResources: readonly Application[] = [
  resourceManager,
  microsoftGraph,
  { appId: 'cfa8b339-82a2-471a-a3c9-0fc0be7a4093', name: 'Azure Key Vault' },
  { appId: 'e406a681-f3d4-42a8-90b6-c2b029497af1', name: 'Azure Storage' },
];
