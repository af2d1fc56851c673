import Cluster

extension [CoordinatorDirective] {
    /// Indices of the works that are sent.
    var dispatched: [Int] {
        compactMap { if case .dispatch(_, let index, _, _) = $0 { index } else { nil } }
    }

    /// The exchanges of the works that are sent.
    var exchanges: [ExchangeID] {
        compactMap { if case .dispatch(let id, _, _, _) = $0 { id } else { nil } }
    }

    /// Indices of the works that are collected.
    var collected: [Int] {
        compactMap { if case .collect(_, let index, _) = $0 { index } else { nil } }
    }

    /// The failure, if there is one, as a person reads it.
    var failure: String? {
        lazy.compactMap { if case .fail(let failure) = $0 { failure.description } else { nil } }.first
    }

    /// Reasons of refusals.
    var refusals: [String] {
        compactMap { if case .refused(_, let reason) = $0 { reason } else { nil } }
    }

    /// Control messages that are sent.
    var messages: [Message] {
        compactMap { if case .send(let message, _) = $0 { message } else { nil } }
    }

    /// Peers that are pinged.
    var pinged: [PeerID] {
        compactMap {
            guard case .send(let message, let peer) = $0, message.envelope.kind == .ping else { return nil }
            return peer
        }
    }
}

extension [WorkerDirective] {
    /// Control messages that are sent.
    var messages: [Message] {
        compactMap { if case .send(let message) = $0 { message } else { nil } }
    }

    /// The reason of the end, if this is one.
    var exitReason: String? {
        lazy.compactMap { if case .exit(let reason?) = $0 { reason } else { nil } }.first
    }
}
