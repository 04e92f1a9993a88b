module example {
    requires dev.sluice.async;
}
