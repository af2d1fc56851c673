import Basics
import Cluster
import Tensors
import Testing
import Transport

@testable import Runtime

/// Turns bytes into received frames by sending them over a real socket.
final class FrameMaker {
    private let router: RouterSocket
    private let dealer: DealerSocket

    init() throws {
        let context = try MessageContext()
        let endpoint = try freshEndpoint()
        router = try RouterSocket(context: context, endpoint: endpoint, keys: nil, messageLimit: 1 << 26)
        dealer = try DealerSocket(context: context, endpoint: endpoint, keys: nil)
    }

    /// A message as it arrives at a coordinator.
    func parcel(head: [UInt8], payload: OutgoingFrame?) throws -> Parcel {
        let deadline = ContinuousClock.now + .seconds(10)
        while try dealer.send(head: head, payload: payload) != .sent {
            try #require(ContinuousClock.now < deadline, "nobody connects")
            try Poller.wait(dealer.socket, nil, milliseconds: 1)
        }
        while true {
            if let parcel = try router.receive() { return parcel }
            try #require(ContinuousClock.now < deadline, "nothing arrives")
            try Poller.wait(router.socket, nil, milliseconds: 10)
        }
    }

    /// A message as it arrives at a worker.
    func parcelAtWorker(head: [UInt8], payload: OutgoingFrame?) throws -> Parcel {
        let deadline = ContinuousClock.now + .seconds(10)
        let worker = try parcel(head: [1], payload: nil).sender
        #expect(try router.send(to: worker, head: head, payload: payload) == .sent)
        while true {
            if let parcel = try dealer.receive() { return parcel }
            try #require(ContinuousClock.now < deadline, "nothing arrives")
            try Poller.wait(dealer.socket, nil, milliseconds: 10)
        }
    }

    /// A payload as it arrives.
    func frame(_ buffer: AlignedBuffer) throws -> ReceivedFrame {
        try #require(try parcel(head: [1], payload: .buffer(buffer)).payload)
    }
}

/// An address that nobody else has.
func freshEndpoint() throws -> Endpoint {
    try Endpoint("ipc://@epsim-runtime-tests-\(UInt64.random(in: 0...UInt64.max))")
}

extension Arrival {
    /// Its header.
    var envelope: Envelope {
        switch self {
        case .control(let message): message.envelope
        case .rows(let header, _): header
        }
    }
}
