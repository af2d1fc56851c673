/// The style sheet of pages, for light and dark screens and for paper.
enum StyleSheet {
    static let text = colors + page + cards + charts + plots + paper

    private static let colors: String = {
        let categories = Category.allCases.map { category in
            """
            .\(category.style){fill:\(category.color);stroke:\(category.color);background:\(category.color);color:\(category.color)}

            """
        }
        return """
            :root{color-scheme:light dark;--page:#fff;--panel:#f6f7f9;--ink:#1b1f24;--soft:#59636e;--line:#d5dae0;\
            --column:#0072b2;--mark:#d55e00;--good:#00735a;--doubtful:#8a5a00;--bad:#b3261e}
            @media (prefers-color-scheme:dark){:root{--page:#14171b;--panel:#1d2127;--ink:#e6e9ed;--soft:#a3adb8;\
            --line:#383f48;--column:#56b4e9;--mark:#e69f00;--good:#4fd1a8;--doubtful:#f0c454;--bad:#ff8a80}}

            """ + categories.joined()
    }()

    private static let page = """
        *{box-sizing:border-box}
        body{margin:0 auto;max-width:1240px;padding:20px 24px 60px;background:var(--page);color:var(--ink);\
        font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;overflow-wrap:break-word}
        h1{font-size:24px;line-height:1.25;margin:0 0 4px}h2{font-size:19px;margin:36px 0 4px}
        .subtitle,.intro,.what,.note{color:var(--soft);margin:0 0 10px}
        .verdict{font-size:18px;line-height:1.4;margin:18px 0;padding:14px 18px;border-left:5px solid var(--column);\
        background:var(--panel);border-radius:0 8px 8px 0}
        .verdict p{margin:0 0 6px}.verdict .failure{color:var(--bad);font-weight:600}.verdict p:last-child{margin:0}.verdict .note{font-size:14px}
        code,pre{font-family:ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;font-size:13px}
        pre{background:var(--panel);padding:12px;border-radius:8px;overflow:auto;max-height:460px;margin:6px 0 14px}
        dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 18px;margin:8px 0}
        dt{color:var(--soft)}dd{margin:0;min-width:0}
        a{color:var(--column)}

        """

    private static let cards = """
        @media (max-width:480px){.cards{grid-template-columns:1fr 1fr!important}.card .value{font-size:19px!important}}
        .cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,210px),1fr));gap:12px;margin:16px 0}
        .card{background:var(--panel);border:1px solid var(--line);border-radius:10px;padding:10px 14px;min-width:0}
        .card .name{color:var(--soft);font-size:13px}
        .card .value{overflow-wrap:anywhere;font-size:23px;line-height:1.3;font-variant-numeric:tabular-nums}
        .card .detail{color:var(--soft);font-size:12.5px;line-height:1.35}
        .card.good .value{color:var(--good)}.card.doubtful .value{color:var(--doubtful)}.card.bad .value{color:var(--bad)}

        """

    private static let charts = """
        .charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,480px),1fr));gap:22px 28px;\
        margin-top:12px;align-items:start}
        figure{margin:0;min-width:0}figure.wide{grid-column:1/-1}
        figcaption{font-weight:600}.what{font-size:13px;line-height:1.4}
        .legend{list-style:none;display:flex;flex-wrap:wrap;gap:2px 16px;padding:0;margin:6px 0;font-size:13px}
        .legend li{display:flex;align-items:center;gap:6px}
        .key.fill{width:12px;height:12px;border-radius:2px;display:inline-block}
        .key.stroke{width:20px;height:0;border-top:2.5px solid;background:none;display:inline-block}
        .key.stroke.reference,.key.stroke.ideal{border-top-style:dashed;border-color:var(--ink)}
        b.key{background:none;font-size:12px}
        .hollow,.key.fill.hollow{fill:none;background:none}.key.fill.hollow{border:1.5px solid}
        details{margin:6px 0}summary{cursor:pointer;color:var(--soft);font-size:13px}
        .scroll{overflow:auto;max-height:340px;border:1px solid var(--line);border-radius:6px;margin-top:6px}
        table{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums}
        th,td{padding:2px 10px;text-align:right;white-space:nowrap;border-bottom:1px solid var(--line)}
        th.words,td.words{text-align:left;white-space:normal;overflow-wrap:anywhere;min-width:18ch}
        th[scope=row],thead th:first-child{text-align:left;font-weight:500}thead th{position:sticky;top:0;background:var(--panel)}
        .bars{overflow-x:auto}.bars table{width:100%}.bars td{width:9%;padding:2px 0 2px 14px;\
        background:linear-gradient(color-mix(in srgb,var(--column) 28%,var(--page)) 0 0) 14px 50%/calc(var(--part)*.8) 20px no-repeat}
        .bars th small{display:block;color:var(--soft);min-height:1.5em}.bars thead th{padding-left:14px;padding-right:0;vertical-align:bottom}
        .bars th[scope=row]{white-space:normal;padding:3px 10px 3px 0;min-width:150px}.bars p{margin:0;color:var(--soft);font-weight:400;font-size:12px}
        .bars code{color:var(--soft);font-size:12px;white-space:nowrap}.bars thead th:first-child{padding-left:0}
        .colorbar{display:grid;grid-template-columns:max-content minmax(80px,320px);gap:10px;align-items:start;\
        font-size:12px;color:var(--soft);margin:4px 0 20px;padding-right:16px}
        .ramp{height:12px;position:relative;margin-top:3px}
        .ramp span{position:absolute;top:100%;transform:translateX(-50%);white-space:nowrap}

        """

    private static let plots = """
        .plot{padding:0 14px 0 calc(var(--gutter) + 8px);font-size:12px;color:var(--soft)}
        .area{position:relative;border-left:1px solid var(--line);border-bottom:1px solid var(--line);\
        margin:8px 0 24px}
        .area svg{position:absolute;inset:0;width:100%;height:100%;overflow:visible}
        .ytitle{margin-left:calc(-1*var(--gutter))}.xtitle{text-align:center;margin-top:-4px}
        .tick,.area span{position:absolute;white-space:nowrap;line-height:1.2}
        .area .y{right:100%;padding-right:6px;transform:translateY(-50%);max-width:calc(var(--gutter) + 8px);\
        overflow:hidden;text-overflow:ellipsis}
        .area .x{top:100%;padding-top:5px;transform:translateX(-50%)}
        .grid{fill:none;stroke:var(--line);stroke-width:1;vector-effect:non-scaling-stroke}
        .columns{fill:var(--column)}.columns.marked{fill:var(--mark)}
        .reference,.ideal{fill:none;stroke:var(--ink);stroke-width:1.5;stroke-dasharray:6 4;\
        vector-effect:non-scaling-stroke}
        .line{fill:none;background:none;stroke-width:2;vector-effect:non-scaling-stroke;stroke-linejoin:round}
        .line.spread{stroke-width:1.5}
        .rule{fill:none;stroke:#fff;stroke-width:1;vector-effect:non-scaling-stroke;mix-blend-mode:difference}
        .span{stroke-width:0}.span.hollow{stroke-width:1;stroke-opacity:.6;vector-effect:non-scaling-stroke}
        .area .word{transform:translate(-50%,-50%);font-size:11px;color:#000}
        .area .on-blue{color:#fff}.area .on-page{color:var(--soft)}
        .area .glyph{transform:translate(-50%,-50%);background:none;font-size:12px}
        .area .note-mid,.area .note-begin,.area .note-end{color:var(--mark);font-weight:600}
        .area .note-mid{transform:translate(-50%,-115%)}
        .area .note-begin{transform:translate(0,-115%)}.area .note-end{transform:translate(-100%,-115%)}
        .panels{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,360px),1fr));gap:10px 28px}
        .controls{display:flex;flex-wrap:wrap;gap:6px 18px;margin:8px 0;font-size:13px}
        select{font:inherit;color:inherit;background:var(--panel);border:1px solid var(--line);border-radius:5px;\
        max-width:220px}
        .readout{position:fixed;pointer-events:none;background:var(--ink);color:var(--page);padding:3px 8px;\
        border-radius:5px;font-size:12px;z-index:2}
        @media (max-width:640px){.bars p,.bars code{display:none}body{padding:14px 14px 40px}.tick.minor,.area .word{display:none}\
        dl{grid-template-columns:1fr}dd{margin-bottom:6px}.verdict{font-size:16px}}

        """

    private static let paper = """
        @media print{:root{--page:#fff;--panel:#f6f7f9;--ink:#000;--soft:#444;--line:#ccc;--column:#0072b2;--mark:#d55e00}
        body{max-width:none;padding:0;font-size:11pt}figure,.card{break-inside:avoid}h2,.intro{break-after:avoid}.intro{break-inside:avoid}
        .charts{display:block}figure{margin-bottom:18px}
        *{print-color-adjust:exact;-webkit-print-color-adjust:exact}details:not([open]){display:none}}
        """
}
