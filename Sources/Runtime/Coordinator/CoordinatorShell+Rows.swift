internal import Cluster
internal import Transport

extension CoordinatorShell {
    /// Sends rows.
    func send(_ dispatches: [Dispatch<ChunkInFlight>]) throws(RuntimeError) {
        for dispatch in dispatches {
            let now = MonotonicClock.now()
            let payload = OutgoingFrame.buffer(dispatch.chunk.payloads[dispatch.part])
            let head = dispatch.envelope.head(over: payload)
            dispatch.chunk.handOver(dispatch.part, at: now)
            if let delay, delay.phase == .dispatch, delay.rank == Int(dispatch.envelope.rank),
                delays.isFirst(dispatch.envelope)
            {
                delayed.append(Delayed(due: now + delay.duration, head: head, payload: payload, peer: dispatch.peer))
            } else {
                try send(head, payload, to: dispatch.peer)
            }
        }
    }

    /// Takes rows that have arrived.
    func take(_ header: Envelope, _ rows: ReceivedFrame, from peer: PeerID, at now: Nanoseconds) throws(RuntimeError) {
        switch machine.received(rows: header, from: peer) {
        case .collect(let chunk, let part, let stamps): chunk.collect(part, rows, stamps, at: now)
        case .others(let directives): try carryOut(directives)
        }
    }

    func sendDelayed() throws(RuntimeError) {
        let now = MonotonicClock.now()
        for item in delayed where item.due <= now { try send(item.head, item.payload, to: item.peer) }
        delayed.removeAll { $0.due <= now }
    }
}
