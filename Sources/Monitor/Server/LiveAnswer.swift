internal import FlyingFox
internal import Foundation

/// An answer of the server, before it becomes one of HTTP.
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

    /// One line of plain text.
    static func text(
        _ status: HTTPStatusCode,
        _ line: String,
        _ headers: [(name: String, value: String)] = []
    ) -> LiveAnswer {
        LiveAnswer(status, "text/plain; charset=utf-8", line + "\n", headers)
    }

    /// - Parameter withBody: false for HEAD, which is told how long the body would be.
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
