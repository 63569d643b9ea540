@0xb3c1f6a0d2e4975b;

interface Counter {
  add @0 (n :UInt64) -> (sum :UInt64);
}

interface Step {
  next @0 () -> (step :Step);
}

interface Bank {
  counter @0 () -> (counter :Counter);
  step @1 () -> (step :Step);
}
