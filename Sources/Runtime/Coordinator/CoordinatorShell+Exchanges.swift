internal import Cluster
internal import Transport

extension CoordinatorShell {
    /// Begins an exchange.
    func begin(_ layer: LayerInFlight) {
        layers.append(layer)
        machine.begin(layer.id, now: MonotonicClock.now())
    }

    /// Sends the works of a chunk that was appended to an exchange, as far as credit allows.
    func submit(_ works: [ChunkWork], of layer: LayerInFlight) throws(RuntimeError) {
        try carryOut(machine.submit(works, to: layer.id), payload: nil, at: 0)
    }

    /// True when some work of an exchange waits for credit.
    func isWaiting(_ layer: LayerInFlight) -> Bool { machine.isWaiting(layer.id) }

    /// The results of a chunk are not held any more.
    func release(_ chunk: ChunkInFlight, of layer: LayerInFlight) throws(RuntimeError) {
        try carryOut(machine.release(chunk.workIndices, of: layer.id), payload: nil, at: 0)
    }

    /// Ends an exchange whose chunks are all released.
    func end(_ layer: LayerInFlight) {
        layers.removeAll { $0 === layer }
        machine.end(layer.id)
    }

    func layer(_ id: ExchangeID) -> LayerInFlight? { layers.first { $0.id == id } }

    func dispatch(
        _ index: Int,
        of layer: LayerInFlight?,
        _ envelope: Envelope,
        to peer: PeerID
    ) throws(RuntimeError) {
        let now = MonotonicClock.now()
        let payload = layer?.payload(index)
        let head = envelope.head(over: payload)
        layer?.handOver(index, at: now)
        if let delay, delay.phase == .dispatch, delay.rank == Int(envelope.rank), delays.isFirst(envelope) {
            delayed.append(Delayed(due: now + delay.duration, head: head, payload: payload, peer: peer))
        } else {
            try send(head, payload, to: peer)
        }
    }

    func sendDelayed() throws(RuntimeError) {
        let now = MonotonicClock.now()
        for item in delayed where item.due <= now { try send(item.head, item.payload, to: item.peer) }
        delayed.removeAll { $0.due <= now }
    }
}
