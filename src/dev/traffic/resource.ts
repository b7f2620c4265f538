/** A resource of Azure Resource Manager. */
export interface Resource {
  readonly subscriptionId: string;
  /** "" for resources of the subscription itself. */
  readonly resourceGroup: string;
  /** Provider and type, such as Microsoft.Storage/storageAccounts. */
  readonly type: string;
  readonly name: string;
  readonly location: string;
}

/** The resource id in the letter case in which a client asks for it. */
export function resourcePath(resource: Resource): string {
  const group = resource.resourceGroup === '' ? '' : `/resourceGroups/${resource.resourceGroup}`;
  return `/subscriptions/${resource.subscriptionId}${group}/providers/${resource.type}/${resource.name}`;
}
