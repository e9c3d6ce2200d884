import { describe, expect, test } from 'vitest';
import { compileRouteSelection } from '../../../emulator/apigateway/websocket/route-selection.ts';

describe('a route selection expression', () => {
  test.each([
    ['$request.body.action', '{"action":"a"}', 'a'],
    ['$request.body.a.b', '{"a":{"b":"deep"}}', 'deep'],
    ['$request.body.action', '{"action":7}', '7'],
    ['$request.body.action', '{"other":1}', ''],
    ['$request.body.action', 'null', ''],
    ['$request.body.action', '"text"', ''],
    ['$request.body.constructor', '{}', ''],
    ['${request.body.a}/${request.body.b}', '{"a":"x","b":2}', 'x/2'],
    [String.raw`\$default`, 'anything', '$default'],
    ['$request.body.action', 'no json', undefined],
    ['${request.body.a}', '{', undefined],
  ])('%s of %s is %j', (expression, message, key) => {
    expect(compileRouteSelection(expression)(message)).toBe(key);
  });

  test.each(['$context.stage', '${request.header.x}', '$request.querystring.a'])(
    '%s is refused',
    (expression) => {
      expect(() => compileRouteSelection(expression)).toThrow(expression);
    },
  );
});
