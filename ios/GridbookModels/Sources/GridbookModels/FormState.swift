import Gridbook

/// What the forms show alike, whatever is typed into them. `VisitModel` and `OutreachModel` use it.
protocol FormState: ScreenState {
    associatedtype Form
    associatedtype Saved

    var loading: Bool { get set }
    var form: Form? { get set }
    var kept: Bool { get set }
    var saved: Saved? { get set }
    var message: Message? { get set }
    var problem: Problem? { get set }
}

extension ScreenModel where State: FormState {
    /// Shows that everything typed is kept, or why not.
    func showKept(_ error: GridbookError?) {
        show {
            $0.kept = error == nil
            if let error { $0.problem = Problem(error) }
        }
    }

    /// Shows what was typed, which is not kept yet.
    func showTyped(_ form: State.Form) {
        show {
            $0.form = form
            $0.kept = false
            $0.message = nil
        }
    }

    /// Shows that a draft was gone on with, over the record that it edits.
    func showResumed(_ record: State.Saved?) {
        show {
            $0.saved = record
            $0.message = Message(Keys.draftFound)
        }
    }

    /// Shows that another version of the app wrote the draft.
    func showUnreadable() {
        show {
            $0.loading = false
            $0.problem = Problem(Keys.unreadableDraft, action: .update)
        }
    }

    /// Shows the record that was written, and in the form what it holds.
    func showSaved(_ record: State.Saved, _ form: State.Form) {
        show {
            $0.form = form
            $0.kept = true
            $0.saved = record
            $0.message = Message(Keys.saved)
        }
    }
}
