// Enough of a test runner for pure modules: tests are kept here and run by the page.

const tests = [];

export const test = (name, body) => tests.push({ name, body });

export function equal(found, wanted, hint = '') {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`${hint} found ${a}, wanted ${b}`);
}

/** Runs all; answers the names of those that passed and what the others said. */
export function run() {
  const outcome = { passed: [], failed: [] };
  for (const { name, body } of tests) {
    try {
      body();
      outcome.passed.push(name);
    } catch (error) {
      outcome.failed.push(`${name}: ${error.message}`);
    }
  }
  return outcome;
}
