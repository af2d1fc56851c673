import Basics
import Testing

@testable import Basics

@Suite("Endpoints")
struct EndpointTests {
    @Test(arguments: [
        "ipc://@a", "ipc:///tmp/x", "tcp://127.0.0.1:5555", "tcp://*:*", "tcp://host.example:1", "tcp://[::1]:65535",
        "tcp://[fe80::1%eth0]:1", "tcp://[::ffff:10.0.0.1]:1", "tcp://node-1.rack_2:1",
        "ipc://@" + String(repeating: "x", count: 105),
    ])
    func goodOnesAreTakenAsTheyAre(text: String) throws {
        #expect(try Endpoint(text).description == text)
    }

    @Test(arguments: [
        "", "host:5555", "inproc://x", "TCP://127.0.0.1:1", "udp://127.0.0.1:1", "ipc:/tmp/x", "ipc", "ipc://",
        "ipc://@",
        "ipc:///", "ipc://relative/path", "ipc://*", "ipc://a b", "ipc://@" + String(repeating: "x", count: 106),
        "tcp://",
        "tcp://host", "tcp://:5555", "tcp://host:", "tcp://host:0", "tcp://host:65536", "tcp://host:-1",
        "tcp://host:+1",
        "tcp://host:01", "tcp://host:http", "tcp://h h:1", "tcp://[]:1", "tcp://[g]:1", "tcp://höst:1",
        "tcp://[:::]:1", "tcp://[1.2.3.4]:1", "tcp://[::1%]:1", "tcp://[1:2:3]:1", "tcp://::1:1", "tcp://[::1:1",
    ])
    func othersAreRefused(text: String) {
        #expect(throws: EndpointError("\"\(text)\" is no endpoint; allowed: \(Endpoint.allowed)")) {
            try Endpoint(text)
        }
    }

    @Test(arguments: [
        "ipc://@a", "tcp://host:1", "tcp://[::1]:1", "tcp://*:1", "tcp://127.0.0.1:*", "tcp://*:*", "host",
    ])
    func onlyOneMachineAndPortCanBeConnectedTo(text: String) throws {
        guard text.contains("*") || text == "host" else {
            #expect(try Endpoint(toConnect: text) == Endpoint(text))
            return
        }
        let allowed = Endpoint.allowedToConnect
        #expect(!allowed.contains("*"))
        #expect(throws: EndpointError("\"\(text)\" is no endpoint to connect to; allowed: \(allowed)")) {
            try Endpoint(toConnect: text)
        }
    }

    @Test(arguments: [
        ("ipc://@a", true), ("ipc:///tmp/x", true), ("tcp://127.0.0.1:1", true), ("tcp://127.8.9.10:1", true),
        ("tcp://localhost:1", true), ("tcp://[::1]:1", true), ("tcp://[0:0::1]:1", true),
        ("tcp://[::ffff:127.0.0.1]:1", true), ("tcp://[::ffff:10.0.0.1]:1", false), ("tcp://[::2]:1", false),
        ("tcp://*:1", false), ("tcp://0.0.0.0:1", false),
        ("tcp://10.0.0.1:1", false), ("tcp://host:1", false), ("tcp://127.example.com:1", false),
        ("tcp://127.0.0.1.example.com:1", false), ("tcp://localhost.example.com:1", false), ("tcp://[::]:1", false),
        ("tcp://127.0.0:1", false), ("tcp://127.0.0.256:1", false), ("tcp://12.0.0.1:1", false),
    ])
    func onlyLoopbackIsLocal(text: String, isLocal: Bool) throws {
        #expect(try Endpoint(text).isLocal == isLocal)
    }
}
