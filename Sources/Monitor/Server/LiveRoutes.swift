import Basics
internal import FlyingFox
internal import Foundation
internal import Synchronization

/// The routes of the server: a page, its charts, the state and the metrics. No request changes any state.
final class LiveRoutes: HTTPHandler {
    /// The time for which charts are kept, in seconds: they are made at most once in that time, for all viewers
    /// together.
    private static let chartSeconds = 1.0

    private let board: LiveBoard
    private let rule: AccessRule
    private let page: LivePage
    private let charts = Mutex<(html: String, time: Double)?>(nil)

    init(_ board: LiveBoard, rule: AccessRule, page: LivePage) {
        self.board = board
        self.rule = rule
        self.page = page
    }

    func handleRequest(_ request: HTTPRequest) async throws -> HTTPResponse {
        let refusal = rule.refusal(
            method: request.method.rawValue,
            host: request.headers[.host],
            authorization: request.headers[.authorization],
            query: request.query.first { $0.name == "token" }?.value
        )
        let answer = try refusal.map(Self.answer) ?? answer(request.path)
        return answer.response(withBody: request.method != .HEAD)
    }

    private func answer(_ path: String) throws -> LiveAnswer {
        switch path {
        case "/": page.answer(board.current)
        case "/charts": LiveAnswer(.ok, "text/html; charset=utf-8", currentCharts())
        case "/state.json": LiveAnswer(.ok, "application/json", try JSONText.of(board.summary))
        case "/metrics": LiveAnswer(.ok, MetricText.contentType, Metric.exposition(board.current))
        case "/healthz": .text(.ok, "ok")
        default: .text(.notFound, "there is /, /charts, /state.json, /metrics and /healthz")
        }
    }

    /// The charts, at most a second old.
    private func currentCharts() -> String {
        charts.withLock { charts in
            if let charts, board.time - charts.time < Self.chartSeconds { return charts.html }
            let state = board.current
            let html = page.charts(state, LiveSummary(state, at: board.time))
            charts = (html, board.time)
            return html
        }
    }

    private static func answer(_ refusal: AccessRule.Refusal) -> LiveAnswer {
        switch refusal {
        case .method:
            return .text(.methodNotAllowed, "only GET and HEAD: nothing can be changed here", [("Allow", "GET, HEAD")])
        case .host:
            return .text(.forbidden, "only under 127.0.0.1, [::1] or localhost")
        case .token:
            let challenge = ("WWW-Authenticate", "Bearer")
            return .text(.unauthorized, "a token is needed: Authorization: Bearer TOKEN, or ?token=TOKEN", [challenge])
        }
    }
}

/// An answer of the server, before it becomes an HTTP response.
struct LiveAnswer {
    private let status: HTTPStatusCode
    private let type: String
    private let text: String
    private let headers: [(name: String, value: String)]

    init(_ status: HTTPStatusCode, _ type: String, _ text: String, _ headers: [(name: String, value: String)] = []) {
        self.status = status
        self.type = type
        self.text = text
        self.headers = headers
    }

    /// Make an answer of one line of plain text.
    static func text(
        _ status: HTTPStatusCode,
        _ line: String,
        _ headers: [(name: String, value: String)] = []
    ) -> LiveAnswer {
        LiveAnswer(status, "text/plain; charset=utf-8", line + "\n", headers)
    }

    /// Make the HTTP response.
    ///
    /// - Parameter withBody: false for HEAD, whose response has the length of the body only.
    func response(withBody: Bool) -> HTTPResponse {
        let body = Data(text.utf8)
        var all: HTTPHeaders = [
            .contentType: type, .contentLength: "\(body.count)", .cacheControl: "no-store",
            HTTPHeader("Content-Security-Policy"): "default-src 'none'; frame-ancestors 'none'",
            HTTPHeader("X-Content-Type-Options"): "nosniff", HTTPHeader("Referrer-Policy"): "no-referrer",
        ]
        for header in headers { all[HTTPHeader(header.name)] = header.value }
        return HTTPResponse(statusCode: status, headers: all, body: withBody ? body : Data())
    }
}
