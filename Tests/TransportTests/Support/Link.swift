import Basics
import Foundation
import Testing

@testable import Transport

/// How a link of a test is made.
enum Carrier: CaseIterable, Sendable {
    case ipc
    case tcp

    /// An address that nobody else uses.
    func endpoint() throws -> Endpoint {
        switch self {
        case .ipc: try Endpoint("ipc://@epsim-test-\(UUID().uuidString)")
        case .tcp: try Endpoint("tcp://127.0.0.1:*")
        }
    }
}

/// A coordinator's socket and a worker's that has said `hello` to it, on the thread of the test.
struct Link {
    static let greeting: [UInt8] = Array("hello".utf8)

    let context: MessageContext
    let router: RouterSocket
    let dealer: DealerSocket
    /// The worker's routing id.
    let peer: [UInt8]

    init(_ carrier: Carrier, keys: CurveKeys? = nil, messageLimit: Int = -1) throws {
        context = try MessageContext()
        router = try RouterSocket(
            context: context,
            endpoint: carrier.endpoint(),
            keys: keys,
            messageLimit: messageLimit
        )
        dealer = try DealerSocket(context: context, endpoint: router.endpoint, keys: keys)
        try dealer.sendInTime(Self.greeting)
        let parcel = try router.next()
        #expect(parcel.head == Self.greeting)
        peer = parcel.sender
    }
}
