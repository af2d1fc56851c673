import Foundation
import MadeUpRuns
import Monitor
import TestSupport
import Testing

@Suite("Live server", .serialized)
struct LiveServerTests {
    /// The tests beside these keep all threads busy for a minute or more, and a server has to wait for its turn.
    private static let patience = 600.0

    private let madeUp = MadeUpRun()

    /// A server of the made-up run after all its steps, for the length of `body`.
    private func withServer(
        token: AccessToken? = nil,
        page: LivePage? = nil,
        _ body: (LiveServer, LiveBoard) throws -> Void
    ) throws {
        let board = LiveBoard(madeUp.state())
        let server = try LiveServer(
            board,
            at: ServeAddress(),
            token: token,
            showsToken: true,
            hostName: "here",
            page: page ?? LivePage(charts: try madeUp.charts.html),
            startSeconds: Self.patience
        )
        defer { server.stop() }
        try body(server, board)
    }

    @Test func answersAllThatThereIs() throws {
        try withServer { server, _ in
            #expect(server.url == "http://127.0.0.1:\(server.port)/" && server.port > 0)
            let page = try RawClient.request("/", port: server.port)
            #expect(page.status == 200 && page.body.hasPrefix("<!DOCTYPE html>"))
            #expect(page.headers["content-type"] == "text/html; charset=utf-8")
            let charts = try RawClient.request("/charts", port: server.port)
            #expect(charts.status == 200 && charts.body.contains(">7 of 7</div>"))
            let state = try JSON(parsing: RawClient.request("/state.json", port: server.port).body)
            #expect(state.number("steps_done") == 7 && state.string("stage") == "measuring")
            #expect(state.string("run.id") == madeUp.run.id)
            let metrics = try RawClient.request("/metrics", port: server.port)
            #expect(metrics.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(metrics.body == Metric.exposition(madeUp.state()))
            #expect(try RawClient.request("/healthz", port: server.port).body == "ok\n")
            for path in ["/nothing", "/../etc/passwd", "//", "/state.json/x"] {
                #expect(try RawClient.request(path, port: server.port).status == 404, "\(path)")
            }
        }
    }

    @Test func nothingIsKeptAndNothingIsLoaded() throws {
        try withServer { server, _ in
            for path in ["/", "/charts", "/state.json", "/metrics", "/nothing"] {
                let answer = try RawClient.request(path, port: server.port)
                #expect(answer.headers["cache-control"] == "no-store")
                #expect(answer.headers["x-content-type-options"] == "nosniff")
                let policy = answer.headers["content-security-policy"] ?? ""
                #expect(policy.hasPrefix("default-src 'none'") && !policy.contains("http"))
                #expect(!answer.body.contains("://"), "\(path)")
            }
            let nonce = { (text: String) in
                text.components(separatedBy: "nonce=\"").dropFirst().first?.prefix { $0 != "\"" }
            }
            let first = try RawClient.request("/", port: server.port)
            let second = try RawClient.request("/", port: server.port)
            let value = try #require(nonce(first.body))
            #expect(first.headers["content-security-policy"]?.contains("script-src 'nonce-\(value)'") == true)
            #expect(nonce(second.body) != value)
        }
    }

    @Test func namesAreEscaped() throws {
        var run = madeUp.run
        run.config = "<script>alert('&\"')</script>"
        let server = try LiveServer(
            LiveBoard(LiveState(run: run)),
            at: ServeAddress(),
            token: nil,
            showsToken: true,
            hostName: "here",
            page: LivePage(charts: try madeUp.charts.html),
            startSeconds: Self.patience
        )
        defer { server.stop() }
        let page = try RawClient.request("/", port: server.port).body
        #expect(page.contains("&lt;script&gt;alert(&#39;&amp;&quot;&#39;)&lt;/script&gt;"))
        #expect(page.components(separatedBy: "<script").count == 3)
    }

    @Test func headHasNoBody() throws {
        try withServer { server, _ in
            let answer = try RawClient.request("/metrics", port: server.port, method: "HEAD")
            #expect(answer.status == 200 && answer.body.isEmpty)
            #expect(answer.headers["content-length"] == "\(Metric.exposition(madeUp.state()).utf8.count)")
        }
    }

    @Test func nothingCanBeChanged() throws {
        try withServer { server, board in
            for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
                let headers = ["Host: 127.0.0.1", "Content-Length: 0"]
                let answer = try RawClient.request("/state.json", port: server.port, method: method, headers: headers)
                #expect(answer.status == 405 && answer.headers["allow"] == "GET, HEAD")
            }
            #expect(board.current == madeUp.state())
        }
    }

    @Test func aForeignNameIsRefused() throws {
        try withServer { server, _ in
            let foreign = try RawClient.request("/metrics", port: server.port, headers: ["Host: evil.example"])
            #expect(foreign.status == 403 && !foreign.body.contains("epsim_"))
            #expect(try RawClient.request("/metrics", port: server.port, headers: []).status == 403)
        }
    }

    @Test func aTokenIsAskedFor() throws {
        let token = AccessToken.random()
        try withServer(token: token) { server, _ in
            let secret = try #require(server.url.components(separatedBy: "?token=").last)
            #expect(secret.count == 32)
            for path in ["/", "/charts", "/state.json", "/metrics", "/healthz", "/nothing", "/metrics?token=x"] {
                let answer = try RawClient.request(path, port: server.port)
                #expect(answer.status == 401 && answer.headers["www-authenticate"] == "Bearer")
                #expect(!answer.body.contains(secret))
            }
            let bearer = ["Host: 127.0.0.1", "Authorization: Bearer \(secret)"]
            #expect(try RawClient.request("/metrics", port: server.port, headers: bearer).status == 200)
            let page = try RawClient.request("/?token=\(secret)", port: server.port)
            #expect(page.status == 200 && !page.body.contains(secret))
        }
    }

    @Test func othersNeedAToken() throws {
        let error = #expect(throws: MonitorError.self) {
            try LiveServer(
                LiveBoard(madeUp.state()),
                at: ServeAddress(host: "0.0.0.0"),
                token: nil,
                showsToken: true,
                hostName: "here",
                page: LivePage(charts: try madeUp.charts.html),
                startSeconds: Self.patience
            )
        }
        #expect(error?.description == "other machines can reach 0.0.0.0: that needs a token")
    }

    @Test func aPortThatIsTakenIsSaid() throws {
        try withServer { server, _ in
            let error = #expect(throws: MonitorError.self) {
                try LiveServer(
                    LiveBoard(madeUp.state()),
                    at: ServeAddress(port: Int(server.port)),
                    token: nil,
                    showsToken: true,
                    hostName: "here",
                    page: LivePage(charts: try madeUp.charts.html),
                    startSeconds: Self.patience
                )
            }
            let place = "127.0.0.1 port \(server.port)"
            #expect(
                error?.description == "\(place) is taken: choose another with --port, or --port 0 for any that is free"
            )
        }
    }

    @Test func chartsAreMadeAtMostOnceASecond() throws {
        let page = LivePage { state, _ in "<p>\(state.steps) of \(UInt64.random(in: 0 ... .max))</p>" }
        try withServer(page: page) { server, board in
            let first = try RawClient.request("/charts", port: server.port).body
            board.update { state, time in state.measured(madeUp.steps[0], at: time) }
            #expect(try RawClient.request("/charts", port: server.port).body == first)
            Thread.sleep(forTimeInterval: 1.05)
            #expect(try RawClient.request("/charts", port: server.port).body.hasPrefix("<p>8 of "))
        }
    }

    @Test func whatIsNoRequestHarmsNobody() throws {
        try withServer { server, _ in
            for text in [
                "\r\n\r\n", "GET\r\n\r\n", "\u{0}\u{1}\u{2}\r\n\r\n", "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
            ] {
                let client = try RawClient(port: server.port)
                client.send(text)
                #expect(client.isClosed(within: 5000), "\(text.debugDescription)")
            }
            #expect(try RawClient.request("/healthz", port: server.port).status == 200)
        }
    }

    @Test func connectionsThatOnlyWaitAreBounded() throws {
        try withServer { server, _ in
            var waiting: [RawClient] = []
            for _ in 0..<100 { waiting.append(try RawClient(port: server.port)) }
            // 64 may wait. Which ones is not said; the others are closed.
            let deadline = Date() + 5
            var closed = 0
            while closed < 36, Date() < deadline { closed = waiting.count(where: { $0.isClosed(within: 1) }) }
            #expect(closed == 36)
            waiting = []
            let answers = (0..<50).contains { _ in
                Thread.sleep(forTimeInterval: 0.05)
                return (try? RawClient.request("/healthz", port: server.port).status) == 200
            }
            #expect(answers)
        }
    }

    @Test func stopsWhenItIsTold() throws {
        var port: UInt16 = 0
        try withServer { server, _ in port = server.port }
        let refused = (0..<100).contains { _ in
            Thread.sleep(forTimeInterval: 0.02)
            return (try? RawClient(port: port)) == nil
        }
        #expect(refused)
    }
}
