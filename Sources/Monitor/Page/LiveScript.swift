/// What makes the page of a run under way renew itself.
enum LiveScript {
    /// Fetches the charts once a second, or once in five seconds when the server does not answer; says so, and stops
    /// when the run is over. The token of the address goes into a header, so that no list of addresses holds it twice.
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
