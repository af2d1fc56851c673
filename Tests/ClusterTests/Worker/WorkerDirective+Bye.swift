@testable import Cluster

extension WorkerDirective {
    /// The goodbye of a test worker, whose run has epoch 7.
    static var bye: WorkerDirective { .send(Message(envelope: Envelope(kind: .bye, epoch: 7))) }
}
