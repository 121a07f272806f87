// M-Lab's official client under Node: node ndt7_client.cjs FOLDER-OF-@m-lab/ndt7/src HOST TOKEN.
// Prints one line of JSON. What browsers call a Worker is made of Node's here.
const path = require('node:path');
const threads = require('node:worker_threads');

if (!threads.isMainThread) {
  globalThis.self = globalThis;
  globalThis.postMessage = (message) => threads.parentPort.postMessage(message);
  require(threads.workerData);
  threads.parentPort.on('message', (data) => self.onmessage({data}));
} else {
  globalThis.Worker = class {
    constructor(file) {
      this.thread = new threads.Worker(__filename, {workerData: file});
      this.thread.on('message', (data) => this.onmessage({data}));
      this.thread.on('error', (error) => this.onmessage({data: {MsgType: 'error', Error: String(error)}}));
    }
    postMessage(message) { this.thread.postMessage(message); }
    terminate() { this.thread.terminate(); }
  };
  const [folder, server, token] = process.argv.slice(2);
  const seen = {errors: []};
  const ndt7 = require(path.join(folder, 'ndt7.js'));
  ndt7.test({
    server,
    protocol: 'ws',
    metadata: {access_token: token},
    mlabDataPolicyInapplicable: true,
    downloadworkerfile: path.join(folder, 'ndt7-download-worker.js'),
    uploadworkerfile: path.join(folder, 'ndt7-upload-worker.js'),
  }, {
    error: (error) => seen.errors.push(String(error)),
    downloadComplete: (result) => { seen.download = result; },
    uploadComplete: (result) => { seen.upload = result; },
  }).then((code) => {
    console.log(JSON.stringify({code, ...seen}));
    process.exit(0);
  });
}
