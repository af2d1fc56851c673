import Foundation
import Testing

@testable import Transport

@Suite("Endpoints")
struct EndpointTests {
    private static let allowed = "allowed: ipc://@NAME, ipc:///PATH, tcp://HOST:PORT"

    @Test(arguments: [
        "ipc://@a", "ipc:///tmp/x", "tcp://127.0.0.1:5555", "tcp://*:*", "tcp://host.example:1", "tcp://[::1]:65535",
    ])
    func goodOnesAreTakenAsTheyAre(text: String) throws {
        #expect(try Endpoint(text).description == text)
    }

    @Test(arguments: ["", "host:5555", "inproc://x", "TCP://127.0.0.1:1", "udp://127.0.0.1:1", "ipc:/tmp/x"])
    func otherTransportsAreRefused(text: String) {
        expectError("endpoint \(text) has an unknown transport; \(Self.allowed)", text)
    }

    @Test(arguments: ["ipc://", "ipc://@", "ipc:///", "ipc://relative/path", "ipc://*"])
    func otherIPCAddressesAreRefused(text: String) {
        expectError("endpoint \(text) is not an ipc address; \(Self.allowed)", text)
    }

    @Test(arguments: [
        "tcp://", "tcp://host", "tcp://:5555", "tcp://host:", "tcp://host:65536", "tcp://host:-1", "tcp://host:http",
    ])
    func otherTCPAddressesAreRefused(text: String) {
        expectError("endpoint \(text) is not a tcp address; \(Self.allowed)", text)
    }

    /// A socket address holds 108 bytes.
    @Test func namesHaveALimit() throws {
        let name = UUID().uuidString
        let longest = "ipc://@" + name + String(repeating: "x", count: 105 - name.utf8.count)
        let context = try MessageContext()
        let router = try RouterSocket(context: context, endpoint: Endpoint(longest), keys: nil, messageLimit: -1)
        #expect(router.endpoint.description == longest)
        expectError("endpoint \(longest)x is not an ipc address; \(Self.allowed)", longest + "x")
    }

    @Test func aRunHasAnAddressOfItsOwn() throws {
        #expect(try Endpoint.local(named: "a1").description == "ipc://@epsim-a1")
    }

    @Test(arguments: [
        ("ipc://@a", true), ("ipc:///tmp/x", true), ("tcp://127.0.0.1:1", true), ("tcp://127.8.9.10:1", true),
        ("tcp://localhost:1", true), ("tcp://[::1]:1", true), ("tcp://*:1", false), ("tcp://0.0.0.0:1", false),
        ("tcp://10.0.0.1:1", false), ("tcp://host:1", false), ("tcp://127.example.com:1", false),
        ("tcp://127.0.0.1.example.com:1", false), ("tcp://localhost.example.com:1", false), ("tcp://[::]:1", false),
        ("tcp://127.0.0:1", false), ("tcp://127.0.0.256:1", false), ("tcp://12.0.0.1:1", false),
    ])
    func onlyLoopbackIsLocal(text: String, isLocal: Bool) throws {
        #expect(try Endpoint(text).isLocal == isLocal)
    }

    private func expectError(_ reason: String, _ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(throws: TransportError(reason), sourceLocation: sourceLocation) { try Endpoint(text) }
    }
}
