//! Writes the named attacks to `tests/fixtures/hostile/` and the fuzzers' first corpora to `fuzz/corpus/`, a file
//! each.

use gridbook_hostile::{attacks, corpus};

fn main() -> std::io::Result<()> {
    let folder = attacks::folder();
    std::fs::create_dir_all(&folder)?;
    for attack in attacks::all() {
        std::fs::write(folder.join(attack.name), &attack.bytes)?;
    }
    for (target, name, bytes) in corpus::seeds() {
        let folder = corpus::folder().join(target);
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join(name), bytes)?;
    }
    Ok(())
}
