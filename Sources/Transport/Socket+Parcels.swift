extension Socket {
    /// The next message, or nil when none has arrived.
    ///
    /// However many frames a peer sends, at most two are kept.
    func receiveParcel(routed: Bool) throws(TransportError) -> Parcel? {
        guard var frame = try receive() else { return nil }
        var sender: [UInt8] = []
        if routed {
            sender = frame.prefix(Parcel.headLimit)
            guard frame.hasMore, let next = try receive() else {
                return Parcel(sender: sender, head: [], payload: nil, frames: 0, byteCount: 0)
            }
            frame = next
        }
        let head = frame.prefix(Parcel.headLimit)
        var byteCount = frame.byteCount
        var frames = 1
        var payload: ReceivedFrame?
        while frame.hasMore, let next = try receive() {
            frame = next
            frames += 1
            byteCount += frame.byteCount
            if frames == 2 { payload = frame }
        }
        return Parcel(sender: sender, head: head, payload: payload, frames: frames, byteCount: byteCount)
    }

    /// Queues a message of an envelope and, if given, a payload; all of it or nothing.
    func sendParcel(to peer: [UInt8]?, head: [UInt8], payload: OutgoingFrame?) throws(TransportError) -> SendOutcome {
        if let peer {
            let outcome = try send(.bytes(peer), more: true)
            guard outcome == .sent else { return outcome }
        }
        let outcome = try send(.bytes(head), more: payload != nil)
        guard outcome == .sent, let payload else { return outcome }
        return try send(payload, more: false)
    }
}
