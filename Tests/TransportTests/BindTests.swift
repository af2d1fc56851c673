import Basics
import Foundation
import TestSupport
import Testing

@testable import Transport

@Suite("Listening", .timeLimit(.minutes(1)))
struct BindTests {
    private let context: MessageContext

    init() throws {
        context = try MessageContext()
    }

    @Test func thePortIsFilledIn() throws {
        let router = try listen("tcp://127.0.0.1:*")
        let port = try #require(router.endpoint.description.split(separator: ":").last.flatMap { UInt16($0) })
        #expect(port > 0)
        #expect(router.endpoint.description == "tcp://127.0.0.1:\(port)")
    }

    @Test func aTakenPortIsNamed() throws {
        let first = try listen("tcp://127.0.0.1:*")
        expectTaken(first.endpoint)
    }

    @Test func aTakenNameIsNamed() throws {
        let first = try listen(try Carrier.ipc.endpoint().description)
        expectTaken(first.endpoint)
    }

    @Test(arguments: Carrier.allCases)
    func anAddressIsFreeAgainAfterwards(carrier: Carrier) throws {
        let endpoint = try endpointLeftBehind(carrier)
        #expect(eventually { (try? listen(endpoint.description)) != nil })
    }

    @Test func anExistingFileIsNotTakenOver() throws {
        let folder = try TemporaryFolder()
        defer { extendLifetime(folder) }
        let path = try folder.write("mine", as: "socket")
        expectError(
            "ipc://\(path) is taken: the file exists; remove it if nothing listens there",
            at: "ipc://\(path)"
        )
        #expect(FileManager.default.contents(atPath: path) == Data("mine".utf8))
    }

    @Test func aPathIsListenedAt() throws {
        let folder = try TemporaryFolder()
        defer { extendLifetime(folder) }
        let router = try listen("ipc://\(folder.path("socket"))")
        let dealer = try DealerSocket(context: context, endpoint: router.endpoint, keys: nil)
        try dealer.sendInTime([3])
        #expect(try router.next().head == [3])
        expectError(
            "\(router.endpoint) is taken: the file exists; remove it if nothing listens there",
            at: router.endpoint.description
        )
    }

    @Test func aMissingFolderIsNamed() {
        let endpoint = "ipc:///no/such/folder/socket"
        expectError("cannot listen at \(endpoint): No such file or directory", at: endpoint)
    }

    @Test(arguments: ["tcp://*:*", "tcp://0.0.0.0:5555", "tcp://192.0.2.1:5555"])
    func beyondThisMachineKeysAreNeeded(endpoint: String) {
        expectError(
            "\(endpoint) can be reached from other machines and so needs keys: make a file with "
                + "'epsim cluster key FILE' and give it to all (cluster.key_file)",
            at: endpoint
        )
    }

    @Test func anUnknownHostIsNoPlaceToListen() throws {
        let keys = try CurveKeys.generate()
        let error = #expect(throws: TransportError.self) {
            let endpoint = try Endpoint("tcp://no-such-host.invalid:5555")
            _ = try RouterSocket(context: context, endpoint: endpoint, keys: keys, messageLimit: -1)
        }
        #expect(
            error?.description == "cannot listen at tcp://no-such-host.invalid:5555: No such device; give an IP "
                + "address, a host name or an interface of this machine"
        )
    }

    /// Each of the addresses that a name stands for, at one port.
    @Test(arguments: ["tcp://localhost:*", "tcp://[::1]:*", "tcp://[0:0:0:0:0:0:0:1]:*", "tcp://[::ffff:127.0.0.1]:*"])
    func namesAndIPv6AreListenedAt(text: String) throws {
        let router = try listen(text)
        let port = try #require(router.endpoint.tcp?.port)
        let name = try Endpoint(text.replacing("*", with: port))
        for attempt in name.resolved.indices {
            let dealer = try DealerSocket(context: context, endpoint: name, keys: nil, attempt: attempt)
            try dealer.sendInTime([7])
            #expect(try router.next().head == [7])
        }
        expectTaken(name)
    }

    @Test func anyAddressIsThatOfBothProtocols() throws {
        let keys = try CurveKeys.generate()
        let router = try RouterSocket(
            context: context,
            endpoint: Endpoint("tcp://*:*"),
            keys: keys,
            messageLimit: -1
        )
        let port = try #require(router.endpoint.tcp?.port)
        for host in ["127.0.0.1", "[::1]", "localhost"] {
            let dealer = try DealerSocket(context: context, endpoint: Endpoint("tcp://\(host):\(port)"), keys: keys)
            try dealer.sendInTime([9])
            #expect(try router.next().head == [9])
        }
    }

    /// A worker whose name stands for two addresses finds a coordinator that listens at the second one.
    @Test(.enabled(if: try Endpoint("tcp://localhost:1").resolved.map(\.isIPv6) == [false, true]))
    func theNextAddressOfANameIsTried() throws {
        let router = try listen("tcp://[::1]:*")
        let port = try #require(router.endpoint.tcp?.port)
        let name = try Endpoint("tcp://localhost:\(port)")
        let dealer = try DealerSocket(context: context, endpoint: name, keys: nil, attempt: 1)
        try dealer.sendInTime([4])
        #expect(try router.next().head == [4])
    }

    private func endpointLeftBehind(_ carrier: Carrier) throws -> Endpoint {
        try listen(try carrier.endpoint().description).endpoint
    }

    private func listen(_ endpoint: String) throws -> RouterSocket {
        try RouterSocket(context: context, endpoint: Endpoint(endpoint), keys: nil, messageLimit: -1)
    }

    private func expectTaken(_ endpoint: Endpoint, sourceLocation: SourceLocation = #_sourceLocation) {
        expectError(
            "cannot listen at \(endpoint): Address already in use; "
                + "choose another (cluster.endpoint) or stop what listens there",
            at: endpoint.description,
            sourceLocation: sourceLocation
        )
    }

    private func expectError(
        _ reason: String,
        at endpoint: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let isTaken = reason.contains("Address already in use")
        let error = isTaken ? TransportError(reason, ofListening: EADDRINUSE) : TransportError(reason)
        #expect(throws: error, sourceLocation: sourceLocation) { try listen(endpoint) }
    }
}
