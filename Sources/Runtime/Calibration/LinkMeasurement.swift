import Basics
internal import Cluster
internal import Foundation
internal import Tensors
internal import Transport

/// Times of messages between two threads that have a libzmq context each, as two processes have.
struct LinkMeasurement {
    private let endpoint: Endpoint

    init() throws {
        let suffix = Hexadecimal.random()
        endpoint = try Endpoint("ipc://@epsim-calibrate-\(getpid())-\(suffix)")
    }

    /// Seconds of a message of a size one way, from hand-over to arrival.
    func seconds(bytes: Int, repeats: Int) throws -> Repeats {
        let router = try RouterSocket(context: MessageContext(), endpoint: endpoint, keys: nil, messageLimit: 1 << 30)
        let (endpoint, all) = (router.endpoint, repeats + 2)
        Thread.detachNewThread { Self.echo(at: endpoint, messages: all) }
        var peer = try Self.next(router.socket) { try router.receive() }.sender
        var wall: [Double] = []
        for index in 0..<all {
            let payload = AlignedBuffer(byteCount: bytes)
            let started = MonotonicClock.now()
            _ = try router.send(to: peer, head: [1], payload: .buffer(payload))
            peer = try Self.next(router.socket) { try router.receive() }.sender
            guard index >= 2 else { continue }
            wall.append((MonotonicClock.now() - started).seconds / 2)
        }
        return Repeats(wall)
    }

    private static func echo(at endpoint: Endpoint, messages: Int) {
        do {
            let dealer = try DealerSocket(context: MessageContext(), endpoint: endpoint, keys: nil)
            while try dealer.send(head: [0], payload: nil) != .sent { Thread.sleep(forTimeInterval: 0.001) }
            for _ in 0..<messages {
                let parcel = try next(dealer.socket) { try dealer.receive() }
                let reply = AlignedBuffer(byteCount: parcel.payload?.byteCount ?? 0)
                _ = try dealer.send(head: [1], payload: .buffer(reply))
            }
            try dealer.socket.setLinger(milliseconds: 500)
        } catch {
            // The other end waits in vain then, and says so.
            return
        }
    }

    private static func next(_ socket: Socket, _ receive: () throws -> Parcel?) throws -> Parcel {
        for _ in 0..<1000 {
            if let parcel = try receive() { return parcel }
            try Poller.wait(socket, nil, milliseconds: 20)
        }
        throw RuntimeError.local("a message between two threads of this process did not arrive within 20 s")
    }
}
