// Times in the words that a desk uses, always in UK local time whatever the machine's own zone is.
const zone = 'Europe/London'
const parts_of = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone, weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', hour: 'numeric', minute: '2-digit', hourCycle: 'h23',
})

type Parts = { weekday: string; day: string; month: string; year: string; hour: number; minute: string }
function parts(at: Date): Parts {
    const of: Record<string, string> = {}
    for (const { type, value } of parts_of.formatToParts(at)) of[type] = value
    return {
        weekday: of.weekday ?? '', day: of.day ?? '', month: of.month ?? '', year: of.year ?? '',
        hour: Number(of.hour), minute: of.minute ?? '00',
    }
}
function day_number(at: Date): number {
    const p = parts(at)
    return Math.round(Date.parse(`${p.day} ${p.month} ${p.year} 00:00:00 UTC`) / 86_400_000)
}

export function clock_words(at: Date): string {
    const { hour, minute } = parts(at)
    if (hour === 12 && minute === '00') return 'midday'
    if (hour === 0 && minute === '00') return 'midnight'
    const twelve = hour % 12 === 0 ? 12 : hour % 12
    return `${twelve}${minute === '00' ? '' : `:${minute}`} ${hour < 12 ? 'am' : 'pm'}`
}

/** "5 pm today", "9:30 am tomorrow", "5 pm Tuesday", "5 pm on Tuesday 5 January 2027". */
export function time_words(iso: string, now: Date): string {
    const at = new Date(iso)
    const days = day_number(at) - day_number(now)
    const clock = clock_words(at)
    const { weekday, day, month, year } = parts(at)
    if (days === 0) return `${clock} today`
    if (days === 1) return `${clock} tomorrow`
    if (days === -1) return `${clock} yesterday`
    if (days > 1 && days < 7) return `${clock} ${weekday}`
    return `${clock} on ${weekday} ${day} ${month} ${year}`
}

/** Whole, for papers and records: "Friday 27 November 2026 at 1 pm". */
export function full_time(iso: string): string {
    const at = new Date(iso)
    const { weekday, day, month, year } = parts(at)
    return `${weekday} ${day} ${month} ${year} at ${clock_words(at)}`
}

/** A date of a record, "14 September 2011"; as far as it is known; anything else as it was written. */
export function date_words(text: string): string {
    const whole = /^(\d{4})-(\d{2})(?:-(\d{2}))?$/.exec(text)
    if (whole === null) return text
    const at = new Date(`${whole[1]}-${whole[2]}-${whole[3] ?? '01'}T12:00:00Z`)
    if (Number.isNaN(at.getTime())) return text
    return at.toLocaleDateString('en-GB', {
        timeZone: 'UTC', month: 'long', year: 'numeric', ...(whole[3] === undefined ? {} : { day: 'numeric' as const }),
    })
}

/** The instant of a date and a time of day in the United Kingdom, whatever this machine's zone is. */
export function uk_instant(date: string, time: string): string {
    const as_utc = Date.parse(`${date}T${time}:00Z`)
    const shown = parts(new Date(as_utc))
    const shown_utc = Date.parse(`${shown.day} ${shown.month} ${shown.year} ${String(shown.hour).padStart(2, '0')}:${shown.minute}:00 UTC`)
    return new Date(as_utc - (shown_utc - as_utc)).toISOString()
}
