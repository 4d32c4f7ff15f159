// A real area for the tests: broker and five agents of this build, made by deploy/area in a folder of its own.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** MASH_BIN names the programs; MASH_CONSOLE_PORTS a first port (the area takes 16 from there), else deploy/area looks itself. */
export function start_area() {
    const dir = mkdtempSync(join(tmpdir(), 'mash-console-'))
    const ports = process.env.MASH_CONSOLE_PORTS
    const stop = () => {
        execFileSync('deploy/area', ['down', dir], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
        rmSync(dir, { recursive: true, force: true })
    }
    try {
        execFileSync('deploy/area', ['up', dir, ...(ports === undefined ? [] : ['--port-base', ports])], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
    } catch (error) {
        stop()
        throw error
    }
    const host = (name) => JSON.parse(readFileSync(join(dir, 'agents', name, 'api.json'), 'utf8'))
    const people = (name) => {
        const folder = join(dir, 'agents', name, 'people')
        return Object.fromEntries(readdirSync(folder).map((file) => [file.replace('.json', ''), JSON.parse(readFileSync(join(folder, file), 'utf8'))]))
    }
    const api = async (name, method, path, body, token) => {
        const answer = await fetch(host(name).url + path, {
            method,
            // An account is asked for by whoever has no other way in.
            headers: { ...(path === '/api/v1/accounts' ? {} : { Authorization: `Bearer ${token ?? host(name).service_token}` }), 'Content-Type': 'application/json' },
            body: body === undefined ? undefined : JSON.stringify(body),
        })
        return { status: answer.status, body: await answer.json() }
    }
    return {
        dir, host, people, api,
        /** Somebody whom nobody at the desk added: whoever keeps the recovery key did. */
        add_with_key: (host_name, name, agency, inbox) => {
            const folder = join(dir, 'agents', host_name)
            const saved = join(dir, `${inbox}.added.json`)
            const program = join(process.env.MASH_BIN, host_name === 'schools' ? 'mash-school' : `mash-${host_name}`)
            execFileSync(program, ['person', 'add', '--dir', folder, '--name', name, '--agency', agency, '--inbox', inbox, '--recovery-key', join(folder, 'keys', 'recovery.key'), '--save', saved], { stdio: ['ignore', 'ignore', 'inherit'] })
            return JSON.parse(readFileSync(saved, 'utf8'))
        },
        /** The area's own rules in another form, signed and given out as an area does it. */
        change_policy: (change) => {
            const file = join(dir, 'policy', 'policy.toml')
            writeFileSync(file, change(readFileSync(file, 'utf8')))
            execFileSync(join(process.env.MASH_BIN, 'mashctl'), ['policy', 'sign', '--dir', join(dir, 'area'), file, '--catalogue', join(dir, 'policy', 'catalogue.toml')], { stdio: ['ignore', 'ignore', 'inherit'] })
        },
        // Under another name first: a half-written file is never read.
        drop: (name, file, content) => {
            writeFileSync(join(dir, `${file}.part`), content)
            renameSync(join(dir, `${file}.part`), join(dir, 'agents', name, 'intake', file))
        },
        broker_pid: () => Number(readFileSync(join(dir, 'run', 'broker.pid'), 'utf8')),
        up: () => execFileSync('deploy/area', ['up', dir], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] }),
        stop,
    }
}

/** A child who is missing, of the police agent's own form. Nobody here exists. */
export function missing(reference, of = {}) {
    const occurred = new Date(Date.now() - 600_000).toISOString()
    return {
        source_ref: `misper:${reference}:1`, agency: 'police', role: 'pol', type: 'missing_episode_started', occurred_at: occurred,
        thread_ref: `misper:${reference}`, risk_grade: of.grade ?? 'high', markers: [],
        subject: { forename: 'Juno', surname: 'Testcase', date_of_birth: '2013-04-05', ...of.subject },
        sections: {
            idn: { forenames: 'Juno', surname: 'Testcase', date_of_birth: '2013-04-05', sex: 'female', ...of.idn },
            evt: { what: 'Reported missing from home', date: occurred.slice(0, 10), reference, details: 'Did not arrive at school.', ...of.evt },
            loc: { last_seen_place: 'Invented bus stop' },
            rsk: { grade: of.grade ?? 'high', factors: 'Has spoken of meeting an adult' },
            voi: { words: 'I am not going back there.', heard_by: 'A friend' },
            pro: { whom_to_ring: 'Missing persons desk, 01632 960301' },
            sfc: { safe_numbers: 'Mother’s mobile only', who_must_not_be_told: 'Stepfather' },
        },
    }
}
