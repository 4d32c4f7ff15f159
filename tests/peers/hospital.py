#!/usr/bin/python3
"""A hospital system that takes HL7 v2 over MLLP, made of Debian's python3-hl7.

usage: hospital.py PORT CODE_FILE    answers each message with the code in the file; prints "ready",
then for each message "EVENT MSH-10 CODE", its PID-5 and the text of its lines.
"""
import asyncio
import sys

from hl7.mllp import start_hl7_server

port, code_file = int(sys.argv[1]), sys.argv[2]



async def answer(reader, writer):
    try:
        while not writer.is_closing():
            message = await reader.readmessage()
            with open(code_file, encoding="ascii") as file:
                code = file.read().strip()
            event = str(message.segment("MSH")(9))
            print(event, message.segment("MSH")(10), code, flush=True)
            print("PID", message.segment("PID")(5), flush=True)
            for line in message.segments("OBX"):
                print("OBX", line(5), flush=True)
            writer.writemessage(message.create_ack(code))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    writer.close()


async def main():
    async with await start_hl7_server(answer, host="127.0.0.1", port=port, encoding="utf-8") as server:
        print("ready", flush=True)
        await server.serve_forever()


asyncio.run(main())
