// Sends the message of a file with node-hl7-client and prints the code of each answer.
// usage: node send.mjs PORT FILE
import { readFileSync } from 'node:fs';
import { Client, Message } from 'node-hl7-client';

const [port, file] = process.argv.slice(2);
const client = new Client({ host: '127.0.0.1' });
const outgoing = client.createOutbound({ port: Number(port), waitAck: true }, async (answer) => {
  // This version cannot read a message that ends, as it must, in a carriage return.
  console.log(/\rMSA\|(\w\w)/.exec(answer.getMessage().toString())[1]);
  await outgoing.close();
  process.exit(0);
});
await outgoing.sendMessage(new Message({ text: readFileSync(file, 'utf8') }));
