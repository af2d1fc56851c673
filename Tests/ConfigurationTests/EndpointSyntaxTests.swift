import Testing

@testable import Configuration

@Suite("Endpoints")
struct EndpointSyntaxTests {
    @Test(
        "endpoints that ZeroMQ can parse",
        arguments: [
            "ipc:///run/epsim.sock", "ipc://@epsim", "ipc://relative", "tcp://127.0.0.1:5555", "tcp://*:*",
            "tcp://[::1]:65535", "tcp://node-1.rack_2:1",
        ]
    )
    func valid(_ endpoint: String) {
        #expect(EndpointSyntax.isValid(endpoint))
    }

    @Test(
        "endpoints that it cannot",
        arguments: [
            "", "ipc", "ipc://", "ipc://@", "ipc://a b", "tcp://", "tcp://host", "tcp://:1", "tcp://h:0",
            "tcp://h:65536", "tcp://h:+1", "tcp://h:01", "tcp://h:", "tcp://h h:1", "tcp://[]:1", "tcp://[g]:1",
            "tcp://höst:1", "udp://h:1", "inproc://x", "ipc://" + String(repeating: "x", count: 108),
        ]
    )
    func invalid(_ endpoint: String) {
        #expect(!EndpointSyntax.isValid(endpoint))
    }

    @Test("the error lists the forms")
    func message() {
        #expect(
            problems(of: "cluster: {endpoint: here}") == [
                #"a.yaml:1:11: cluster.endpoint: found "here", allowed: ipc://PATH or ipc://@NAME of at most 107 "#
                    + "bytes, or tcp://HOST:PORT (a host name, address, [IPv6 address] or *; a port from 1 to "
                    + "65535, or * for a free one)"
            ]
        )
    }
}
