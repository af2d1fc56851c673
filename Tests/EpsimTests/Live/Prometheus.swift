import Foundation
import TestSupport
import Testing

/// A Prometheus that scrapes a run as the shipped configuration says.
final class Prometheus {
    private let process = Process()
    private let port: UInt16
    private let folder: String

    /// Starts it.
    ///
    /// - Parameters:
    ///   - target: what it scrapes in place of the shipped target.
    ///   - tokenFile: file with the token to show, or nil.
    init(_ sandbox: Sandbox, target: String, tokenFile: String? = nil) throws {
        folder = "\(sandbox.path)/prometheus"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var config = try String(contentsOfFile: Monitoring.folder + "/prometheus.yml", encoding: .utf8)
        guard config.contains("127.0.0.1:9464") else { throw TestTrouble("the shipped target has another name") }
        config = config.replacing("127.0.0.1:9464", with: target)
        if let tokenFile {
            config = config.replacing("# authorization:", with: "authorization:")
                .replacing("#   credentials_file: /etc/prometheus/token", with: "  credentials_file: \(tokenFile)")
        }
        try Data(config.utf8).write(to: URL(fileURLWithPath: "\(folder)/prometheus.yml"))
        port = try Loopback.freePort()
        process.executableURL = URL(fileURLWithPath: try #require(Program.find("prometheus")))
        process.arguments = [
            "--config.file=\(folder)/prometheus.yml", "--storage.tsdb.path=\(folder)/data",
            "--web.listen-address=127.0.0.1:\(port)", "--log.level=error",
        ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    /// Ends it.
    func stop() async throws {
        process.terminate()
        if try await !holds(within: 10, { !process.isRunning }) { kill(process.processIdentifier, SIGKILL) }
    }

    /// The values of an expression now; none while Prometheus is not ready.
    func values(_ expression: String) throws -> [Double] {
        try result("/api/v1/query?query=\(Self.escaped(expression))").compactMap { series in
            Self.number(series.elements("value").last)
        }
    }

    /// The values of an expression over the last two minutes, of all its series.
    func history(_ expression: String) throws -> [Double] {
        let now = Date().timeIntervalSince1970
        let range = "start=\(now - 120)&end=\(now)&step=1"
        return try result("/api/v1/query_range?query=\(Self.escaped(expression))&\(range)").flatMap { series in
            series.elements("values").compactMap { Self.number($0.array.last) }
        }
    }

    private func result(_ path: String) throws -> [JSON] {
        guard let answer = try? RawClient.request(path, port: port), answer.status != 503 else { return [] }
        let json = try JSON(parsing: Self.unchunked(answer))
        guard json.string("status") == "success" else { throw TestTrouble("\(path): \(answer.body)") }
        return json.elements("data.result")
    }

    private static func number(_ value: JSON?) -> Double? { value?.string.flatMap { Double($0) } }

    private static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? text
    }

    /// The body of an answer that came in chunks (RFC 9112, 7.1), or as it came.
    private static func unchunked(_ answer: RawClient.Answer) -> String {
        guard answer.headers["transfer-encoding"] == "chunked" else { return answer.body }
        var body: [UInt8] = []
        var rest = Array(answer.body.utf8)[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let line = String(decoding: rest[..<end], as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            guard let count = Int(line, radix: 16), count > 0 else { break }
            body += rest[(end + 1)...].prefix(count)
            rest = rest[(end + 1)...].dropFirst(count + 2)
        }
        return String(decoding: body, as: UTF8.self)
    }
}
