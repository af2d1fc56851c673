internal import Basics
public import Cluster
internal import Foundation
internal import Transport

/// Asks the workers of a staying cluster who they are, and can tell them to stop.
public struct RollCall {
    private let cluster: StayingCluster

    /// A roll call of the workers of `cluster`.
    public init(_ cluster: StayingCluster) {
        self.cluster = cluster
    }

    /// Collects the hello of every worker that is not in a run.
    ///
    /// - Parameters:
    ///   - seconds: how long to wait for those that have not answered, or not ended.
    ///   - stop: tells each to end its process, and waits until it has.
    /// - Returns: the hellos, by process id; or nil when a run has the cluster.
    public func take(seconds: Double, stop: Bool = false) throws(RuntimeError) -> [Hello]? {
        do {
            let endpoint = try Endpoint(cluster.endpoint)
            let context = try MessageContext()
            let socket = try RouterSocket(context: context, endpoint: endpoint, keys: nil, messageLimit: 1 << 20)
            try socket.socket.setLinger(milliseconds: 500)
            return try collect(socket, until: MonotonicClock.now() + Nanoseconds(seconds: seconds), stop)
        } catch let error as TransportError where error.isEndpointTaken {
            return nil
        } catch {
            throw .local("\(error)")
        }
    }

    private func collect(
        _ socket: RouterSocket,
        until deadline: Nanoseconds,
        _ stop: Bool
    ) throws(TransportError) -> [Hello] {
        var hellos: [Int32: Hello] = [:]
        // A worker that is told to stop may not have read it when the connection closes: then it would be lost.
        while MonotonicClock.now() < deadline, cluster.aliveProcessIDs.contains(where: { stop || hellos[$0] == nil }) {
            try Poller.wait(socket.socket, nil, milliseconds: 20)
            while let parcel = try socket.receive() {
                guard case .control(let message)? = try? parcel.arrival(), message.envelope.kind == .hello,
                    let hello = try? ControlCoding.decode(Hello.self, from: message.control)
                else { continue }
                hellos[hello.pid] = hello
                guard stop else { continue }
                _ = try socket.send(to: parcel.sender, head: Envelope(kind: .stop).head(over: nil), payload: nil)
            }
        }
        return hellos.values.sorted { $0.rank ?? 0 < $1.rank ?? 0 }
    }
}
