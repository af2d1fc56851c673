import Foundation
import Monitor
import TestSupport
import Testing

@Suite("Access to a served run")
struct AccessTests {
    private static func token(_ text: String) throws -> AccessToken {
        let folder = try TemporaryFolder()
        defer { extendLifetime(folder) }
        return try AccessToken(file: folder.write(text, as: "token"))
    }

    @Test func onlyReadingIsAllowed() {
        let rule = AccessRule(isLoopback: true, token: nil)
        for method in ["GET", "HEAD"] {
            #expect(rule.refusal(method: method, host: "localhost", authorization: nil, query: nil) == nil)
        }
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "get", ""] {
            #expect(rule.refusal(method: method, host: "localhost", authorization: nil, query: nil) == .method)
        }
    }

    @Test(arguments: [
        "127.0.0.1", "127.0.0.1:9464", "127.1.2.3:1", "localhost", "LocalHost:80", "[::1]", "[::1]:9464",
    ])
    func namesOfThisMachineAreAllowed(host: String) {
        let rule = AccessRule(isLoopback: true, token: nil)
        #expect(rule.refusal(method: "GET", host: host, authorization: nil, query: nil) == nil)
    }

    @Test(arguments: [
        nil, "", "evil.example", "evil.example:9464", "127.0.0.1.evil.example", "localhost.evil.example", "128.0.0.1",
        "127.0.0.1:port", "127.0.0.1:99999", "127.0.0.1:1:2", "127.0.0", "127.0.0.256", "127.0.0.1.", "[::2]", "::1",
        "[::1]x", "localhost:", "192.168.0.1",
    ])
    func otherNamesAreRefused(host: String?) {
        let rule = AccessRule(isLoopback: true, token: nil)
        #expect(rule.refusal(method: "GET", host: host, authorization: nil, query: nil) == .host)
        let elsewhere = AccessRule(isLoopback: false, token: nil)
        #expect(elsewhere.refusal(method: "GET", host: host, authorization: nil, query: nil) == nil)
    }

    @Test func aTokenIsShownInEitherPlace() throws {
        let rule = AccessRule(isLoopback: false, token: try Self.token("\n 0123456789abcdef \n"))
        func refusal(_ authorization: String?, _ query: String?) -> AccessRule.Refusal? {
            rule.refusal(method: "GET", host: "a", authorization: authorization, query: query)
        }
        #expect(refusal("Bearer 0123456789abcdef", nil) == nil)
        #expect(refusal("bearer 0123456789abcdef", nil) == nil)
        #expect(refusal(nil, "0123456789abcdef") == nil)
        #expect(refusal(nil, nil) == .token)
        #expect(refusal("0123456789abcdef", nil) == .token)
        #expect(refusal("Basic 0123456789abcdef", nil) == .token)
        for wrong in ["", "0123456789abcde", "0123456789abcdeF", "0123456789abcdef0", "x123456789abcdef"] {
            #expect(refusal("Bearer \(wrong)", wrong) == .token)
        }
    }

    @Test(arguments: ["", "short", "0123456789abcdef 0", "0123456789abcdéf", "<0123456789abcdef>"])
    func whatIsNoTokenIsRefused(text: String) {
        let error = #expect(throws: MonitorError.self) { try Self.token(text) }
        #expect(error?.description.contains("holds \(text.utf8.count) bytes, allowed: one token of 16 to 256") == true)
    }

    @Test func aTokenFileThatIsNotThereIsNamed() {
        let error = #expect(throws: MonitorError.self) { try AccessToken(file: "/nowhere/token") }
        #expect(error?.description.hasPrefix("--serve-token-file: /nowhere/token cannot be read") == true)
    }

    @Test func aTokenDoesNotShowItself() throws {
        let token = try Self.token("0123456789abcdef")
        #expect("\(token)" == "(token)" && String(reflecting: token) == "(token)")
    }

    @Test func addressesAreChecked() throws {
        #expect(try ServeAddress().isLoopback && ServeAddress(host: "localhost", port: 1).host == "127.0.0.1")
        #expect(try ServeAddress(host: "::1").isLoopback && ServeAddress(host: "127.3.2.1").isLoopback)
        for host in ["0.0.0.0", "::", "10.0.0.1", "fe80::1"] { #expect(try !ServeAddress(host: host).isLoopback) }
        for host in ["", "example.org", "1.2.3", "127.0.0.1.evil.example", "127.evil"] {
            let error = #expect(throws: MonitorError.self) { try ServeAddress(host: host) }
            #expect(error?.description.hasPrefix("--serve-host: found '\(host)', allowed: an IPv4") == true)
        }
        for port in [-1, 65536] {
            let error = #expect(throws: MonitorError.self) { try ServeAddress(port: port) }
            #expect(error?.description.hasPrefix("--port: found \(port), allowed: 0 to 65535") == true)
        }
    }
}
