/** The module named `app` in the configuration: the bundler puts it here. Without one the Server has no handlers. */
export const application: unknown = undefined;
