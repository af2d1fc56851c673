import Cluster

extension [CoordinatorDirective] {
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

extension RowsDirective<Int> {
    /// The chunk and the part that are collected, or nil.
    var collected: [Int]? {
        if case .collect(let chunk, let part, _) = self { [chunk, part] } else { nil }
    }

    var stamps: WorkerStamps? {
        if case .collect(_, _, let stamps) = self { stamps } else { nil }
    }

    /// What is done instead.
    var others: [CoordinatorDirective] {
        if case .others(let directives) = self { directives } else { [] }
    }

    /// True when the rows are dropped and nothing else happens.
    var isIgnored: Bool { collected == nil && others.isEmpty }
}

extension WorkerRowsDirective {
    /// The layout of what is computed, or nil.
    var layout: BatchLayout? {
        if case .compute(_, let layout) = self { layout } else { nil }
    }

    /// What is done instead.
    var others: [WorkerDirective] {
        if case .others(let directives) = self { directives } else { [] }
    }

    /// True when the rows are dropped and nothing else happens.
    var isIgnored: Bool { self == .others([]) }
}
