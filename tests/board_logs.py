"""Logs with something for each of TensorBoard's dashboards, as users' programs write them."""

import numpy as np

import thalweg as tf

PALETTE = np.array([[31, 119, 180], [255, 127, 14], [44, 160, 44]], np.uint8)


def train(folder, rate, units, epochs=4):
    """A network for three clusters of points, with the callback; gives its last measures."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 300)
    x = (rng.normal(size=(300, 4)) + 1.5 * np.eye(3, 4)[y]).astype(np.float32)
    tf.random.set_seed(0)
    model = tf.keras.Sequential([
        tf.keras.Input((4,)), tf.keras.layers.Dense(units, activation="relu", name="hidden"),
        tf.keras.layers.Dense(3, activation="softmax", name="classes"),
    ])  # fmt: skip
    model.compile(tf.keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    callback = tf.keras.callbacks.TensorBoard(folder, histogram_freq=1, write_images=True, update_freq=5)
    history = model.fit(x, y, epochs=epochs, batch_size=20, validation_split=0.2, verbose=0, callbacks=[callback])
    with tf.summary.create_file_writer(folder).as_default():
        tf.summary.hparams({"rate": rate, "units": units, "optimizer": "adam"})
        tf.summary.scalar("final_loss", history.history["loss"][-1], step=epochs)
        tf.summary.hparams_end()
    return model, x, y


def write(folder):
    """Three runs, and one of summaries by hand."""
    for i, (rate, units) in enumerate([(0.01, 8), (0.03, 8), (0.03, 16)]):
        model, x, y = train(f"{folder}/run{i}", rate, units)
    hidden = model.get_layer("hidden")(x).numpy()
    predicted = model.predict(x, verbose=0)
    with tf.summary.create_file_writer(f"{folder}/by_hand").as_default():
        for step in range(40):
            tf.summary.scalar("wave/sine", np.sin(step / 6), step=step)
            tf.summary.scalar("wave/cosine", np.cos(step / 6), step=step)
            tf.summary.histogram("spread", np.random.default_rng(step).normal(step / 10, 1 + step / 40, 500), step=step)
        pictures = np.stack([np.kron(np.random.default_rng(i).random((4, 4, 3)), np.ones((8, 8, 1))) for i in range(3)])
        tf.summary.image("mosaic", pictures, step=0, description="Three mosaics.")
        tf.summary.text("notes", "## A heading\n\nSome **bold** words, and a list:\n\n- one\n- two", step=0)
        tf.summary.text("table", [["class", "count"], ["first", "103"], ["second", "97"]], step=0)
        tone = np.sin(2 * np.pi * 440 * np.arange(4000) / 8000)[None, :, None]
        tf.summary.audio("tone", tone, 8000, step=0)
        for k in range(3):
            tf.summary.pr_curve(f"class_{k}", y == k, predicted[:, k], step=0, num_thresholds=51)
        tf.summary.embeddings("hidden", hidden, labels={"class": y, "row": range(len(y))},
                              images=np.broadcast_to(PALETTE[y][:, None, None], (len(y), 8, 8, 3)))  # fmt: skip
        cube = np.array([[x, y, z] for x in (0.0, 1.0) for y in (0.0, 1.0) for z in (0.0, 1.0)])[None]
        faces = [[0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1], [2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4],
                 [1, 5, 7], [1, 7, 3]]  # fmt: skip
        tf.summary.mesh("cube", cube, faces=np.array([faces]), colors=cube * 255, step=0)
        tf.summary.custom_scalars({"waves": {"both waves": ["wave/sine", "wave/cosine"]}})
    session_graph(f"{folder}/session")
    with tf.summary.create_file_writer(folder).as_default():
        tf.summary.hparams_config({"rate": (0.001, 0.1), "units": [8, 16], "optimizer": ["adam"]}, ["final_loss"])


def session_graph(folder):
    """A graph of TensorFlow 1, with what a step of it took."""
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        x = v1.placeholder(tf.float32, [None, 4], name="x")
        with tf.name_scope("layer"):
            w = v1.Variable(tf.ones([4, 2]), name="w")
            y = tf.nn.relu(tf.matmul(x, w), name="y")
        loss = tf.reduce_mean(y, name="loss")
        step = v1.train.GradientDescentOptimizer(0.1).minimize(loss)
        v1.summary.scalar("loss", loss)
        merged = v1.summary.merge_all()
        session.run(v1.global_variables_initializer())
        with v1.summary.FileWriter(folder, session.graph) as writer:
            for i in range(3):
                metadata = v1.RunMetadata()
                options = v1.RunOptions(trace_level=v1.RunOptions.FULL_TRACE)
                summary, _ = session.run([merged, step], {x: np.ones([3, 4])}, options=options, run_metadata=metadata)
                writer.add_summary(summary, i)
                writer.add_run_metadata(metadata, f"step{i}", i)
