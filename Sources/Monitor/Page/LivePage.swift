internal import FlyingFox
internal import Pages

/// The page of a run under way: a frame that is sent once, and charts that its script fetches once a second.
public struct LivePage: Sendable {
    /// A function that makes the charts of a state, as a fragment of HTML; all text in it is escaped, and it loads
    /// nothing.
    public typealias Charts = @Sendable (LiveState, LiveSummary) -> String

    let charts: Charts

    /// Create a page that shows `charts`.
    public init(charts: @escaping Charts) {
        self.charts = charts
    }

    /// The answer with the page. Its scripts are the only ones that may run, by a random nonce of the answer.
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

/// The script that renews the page of a run under way.
enum LiveScript {
    /// The JavaScript that fetches the charts once a second, or once in five seconds when the server does not answer;
    /// it shows that, and stops when the run is over. The token of the address goes into a header, so that no list of
    /// addresses holds it twice.
    static let text = """
        "use strict";
        (() => {
          const news = document.getElementById("news");
          const charts = document.getElementById("charts");
          const token = new URLSearchParams(location.search).get("token");
          const options = { cache: "no-store", headers: token ? { Authorization: "Bearer " + token } : {} };
          const words = { waiting: "Waiting for workers.", warmup: "Warming up.", measuring: "Under way.",
            completed: "The run has ended.", interrupted: "The run was interrupted.", failed: "The run has failed." };
          const tell = (text) => { if (news.textContent !== text) news.textContent = text; };
          const get = async (path) => {
            const answer = await fetch(path, { ...options, signal: AbortSignal.timeout(5000) });
            if (!answer.ok) throw new Error(String(answer.status));
            return answer;
          };
          // What the reader has unfolded stays so.
          const show = (html) => {
            const open = [...charts.querySelectorAll("details[open]")].map((one) => one.closest("figure")?.id);
            charts.innerHTML = html;
            for (const id of open) document.getElementById(id)?.querySelector("details")?.setAttribute("open", "");
          };
          let stage = "";
          const renew = async () => {
            let wait = 1000;
            try {
              const state = await (await get("state.json")).json();
              show(await (await get("charts")).text());
              stage = state.stage;
              tell(words[stage] || stage);
              if (!["waiting", "warmup", "measuring"].includes(stage)) return;
            } catch (error) {
              wait = 5000;
              tell("The server does not answer; trying again.");
            }
            setTimeout(renew, document.hidden ? Math.max(wait, 5000) : wait);
          };
          renew();
        })();
        """
}
