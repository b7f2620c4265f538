/** A control-plane operation, in the letter case of the provider's own list. */
export interface Operation {
  readonly name: string;
  readonly resourceType: string;
  /** Whether Resource Manager accepts it first and completes it later. */
  readonly asynchronous: boolean;
  /** Relative frequency in ordinary traffic. */
  readonly weight: number;
}

export const operations = {
  listStorageKeys: operation('Microsoft.Storage/storageAccounts', 'listKeys/action', false, 14),
  listStorageSas: operation('Microsoft.Storage/storageAccounts', 'listAccountSas/action', false, 6),
  writeStorage: operation('Microsoft.Storage/storageAccounts', 'write', true, 3),
  writeVirtualMachine: operation('Microsoft.Compute/virtualMachines', 'write', true, 4),
  startVirtualMachine: operation('Microsoft.Compute/virtualMachines', 'start/action', true, 8),
  deallocateVirtualMachine: operation('Microsoft.Compute/virtualMachines', 'deallocate/action', true, 8),
  deleteVirtualMachine: operation('Microsoft.Compute/virtualMachines', 'delete', true, 2),
  runCommand: operation('Microsoft.Compute/virtualMachines', 'runCommand/action', true, 1),
  writeSnapshot: operation('Microsoft.Compute/snapshots', 'write', true, 2),
  exportSnapshot: operation('Microsoft.Compute/snapshots', 'beginGetAccess/action', true, 1),
  writeNetworkInterface: operation('Microsoft.Network/networkInterfaces', 'write', false, 5),
  writeSecurityGroup: operation('Microsoft.Network/networkSecurityGroups', 'write', false, 4),
  writeSecurityRule: operation('Microsoft.Network/networkSecurityGroups/securityRules', 'write', true, 3),
  writeDeployment: operation('Microsoft.Resources/deployments', 'write', true, 16),
  validateDeployment: operation('Microsoft.Resources/deployments', 'validate/action', false, 12),
  writeTags: operation('Microsoft.Resources/tags', 'write', false, 6),
  writeRoleAssignment: operation('Microsoft.Authorization/roleAssignments', 'write', false, 2),
  deleteRoleAssignment: operation('Microsoft.Authorization/roleAssignments', 'delete', false, 1),
  writeVault: operation('Microsoft.KeyVault/vaults', 'write', false, 2),
  writeAccessPolicy: operation('Microsoft.KeyVault/vaults/accessPolicies', 'write', false, 2),
  restartSite: operation('Microsoft.Web/sites', 'restart/action', false, 6),
  writeSiteConfig: operation('Microsoft.Web/sites/config', 'write', false, 6),
  listSiteSecrets: operation('Microsoft.Web/sites/config', 'list/action', false, 9),
  listClusterCredentials: operation(
    'Microsoft.ContainerService/managedClusters',
    'listClusterUserCredential/action',
    false,
    7,
  ),
  writeDatabase: operation('Microsoft.Sql/servers/databases', 'write', true, 3),
  writeFirewallRule: operation('Microsoft.Sql/servers/firewallRules', 'write', false, 2),
  writeDiagnosticSetting: operation('Microsoft.Insights/diagnosticSettings', 'write', false, 2),
  deleteDiagnosticSetting: operation('Microsoft.Insights/diagnosticSettings', 'delete', false, 1),
} as const satisfies Record<string, Operation>;

export const ordinaryOperations: readonly Operation[] = Object.values(operations);

function operation(resourceType: string, verb: string, asynchronous: boolean, weight: number): Operation {
  return { name: `${resourceType}/${verb}`, resourceType, asynchronous, weight };
}
