import Basics
import RunStore

/// What `epsim runs prune` does with the runs that it found.
struct RunPruning {
    private let candidates: [PruneCandidate]
    private let index: RunIndex

    /// The runs that were found, in their index.
    init(candidates: [PruneCandidate], index: RunIndex) {
        self.candidates = candidates
        self.index = index
    }

    /// Lists what would be done.
    func list() {
        for candidate in candidates { Console.print(line(candidate)) }
        let doomed = self.doomed.count
        Console.note(doomed == 0 ? "nothing to delete" : "\(Counted.text(doomed, "run")) to delete; --yes deletes")
    }

    /// Deletes; what cannot be deleted is told, and the rest goes on.
    func delete() throws {
        var deleted = 0
        for candidate in candidates {
            if case .stay = candidate.fate {
                Console.note(line(candidate))
                continue
            }
            do {
                try index.prune(candidate.run)
                deleted += 1
                Console.print(line(candidate))
            } catch {
                Console.note("epsim: \(error)")
            }
        }
        Console.note("\(Counted.text(deleted, "run")) deleted")
        if deleted < doomed.count { throw ExitStatus.failure }
    }

    private var doomed: [PruneCandidate] {
        candidates.filter { if case .stay = $0.fate { false } else { true } }
    }

    private func line(_ candidate: PruneCandidate) -> String {
        let folder = Printable.text(candidate.run.folder)
        return switch candidate.fate {
        case .delete: "delete \(folder)"
        case .forget: "forget \(folder): it is gone"
        case .stay(let reason): "stays: \(folder): \(reason)"
        }
    }
}
