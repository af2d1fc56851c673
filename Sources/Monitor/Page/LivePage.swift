internal import Charts
internal import FlyingFox

/// The page of a run under way: a frame that is sent once, and charts that its script fetches once a second.
public struct LivePage: Sendable {
    /// The charts of a state, as a fragment of HTML; all text in it is escaped, and it loads nothing.
    public typealias Charts = @Sendable (LiveState, LiveSummary) -> String

    let charts: Charts

    /// A page that shows `charts`.
    public init(charts: @escaping Charts) {
        self.charts = charts
    }

    /// The page as an answer. Its scripts are the only ones that may run, by a number that is made up for the answer.
    func answer(_ state: LiveState) -> LiveAnswer {
        let nonce = String(UInt64.random(in: 0 ... .max), radix: 36)
        let policy =
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-\(nonce)'; connect-src 'self'; "
            + "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        let header = (name: "Content-Security-Policy", value: policy)
        return LiveAnswer(.ok, "text/html; charset=utf-8", document(state.run, nonce: nonce), [header])
    }

    private func document(_ run: LiveRun, nonce: String) -> String {
        Page(
            title: "epsim run \(run.id)",
            subtitle:
                "\(run.config), router \(run.router), \(run.layers) layers × \(run.experts) experts on \(run.ranks) ranks",
            content: [
                .element("p", ["id": "news", "role": "status"], "Connecting."), .element("div", ["id": "charts"]),
                .element(
                    "noscript",
                    [:],
                    "The page renews itself by JavaScript; without it, /charts has the figures as they are."
                ),
            ],
            scripts: [LiveScript.text],
            nonce: nonce
        ).html
    }
}
