export { type RegisterOptions, type Registration, registerAgent } from "./register-agent.ts";
export { type RunOptions, runAgent } from "./run-agent.ts";
export { type Agent, type AgentOptions, startAgent } from "./start-agent.ts";
