// A QR code as SVG made of elements: no markup from text, nothing fetched, so the strict policy of the page holds.
import qrcode from 'qrcode-generator'
import type { JSX } from 'preact'

export function qr_path(text: string): { size: number; path: string } {
    const code = qrcode(0, 'M')
    code.addData(text)
    code.make()
    const size = code.getModuleCount()
    let path = ''
    for (let row = 0; row < size; row++) for (let column = 0; column < size; column++) if (code.isDark(row, column)) path += `M${column} ${row}h1v1h-1z`
    return { size, path }
}
export function Qr(props: { text: string }): JSX.Element {
    const { size, path } = qr_path(props.text)
    return (
        <svg class="desk-qr" role="img" aria-label="QR code for the app on your phone. The same secret stands below as text." viewBox={`-2 -2 ${size + 4} ${size + 4}`}>
            <path d={path} fill="#000" />
        </svg>
    )
}
