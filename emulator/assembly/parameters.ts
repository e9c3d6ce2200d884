/** Template parameters: nobody is there to type values in, so each needs a default. */

export interface Parameter {
  /** Default `String`. */
  readonly Type?: string;
  readonly Default?: string | number;
}

export function parameterValue(name: string, { Type = 'String', Default }: Parameter): unknown {
  if (Default === undefined) throw new Error(`The parameter ${name} has no default value`);
  const text = String(Default);
  // The default is the name of the SSM parameter, not its value. CDK's BootstrapVersion is declared but never used.
  if (Type.startsWith('AWS::SSM::Parameter::Value')) {
    throw new Error(`The parameter ${name} is kept in SSM (${text}), which the emulator does not have`);
  }
  if (Type !== 'CommaDelimitedList' && !Type.startsWith('List<')) return text;
  return text === '' ? [] : text.split(',').map((item) => item.trim());
}
