/** The bridge as people run it: default heartbeats, recovery on. */
export default {
  name: 'causeway-bench',
  profile: 'development',
  app: './room-application.mjs',
};
